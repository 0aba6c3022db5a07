package dev.purekv.console.grpc;

import inference.GrpcService.ModelInferRequest;
import inference.GrpcService.ModelStreamInferResponse;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** What a stream gives, and how it ends. */
final class StreamedResponses implements ClientResponseObserver<ModelInferRequest, ModelStreamInferResponse> {
    final List<ModelStreamInferResponse> messages = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();
    private final boolean reading;
    ClientCallStreamObserver<ModelInferRequest> call;

    /** @param reading false for a client that asks for messages one by one */
    StreamedResponses(boolean reading) {
        this.reading = reading;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ModelInferRequest> started) {
        call = started;
        if (!reading) {
            started.disableAutoRequestWithInitial(0);
        }
    }

    @Override
    public void onNext(ModelStreamInferResponse message) {
        messages.add(message);
    }

    @Override
    public void onError(Throwable failure) {
        end.complete(Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
        end.complete(Status.OK);
    }

    Status end() throws Exception {
        return end.get(60, TimeUnit.SECONDS);
    }
}
