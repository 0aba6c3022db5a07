package dev.purekv.it;

import inference.GrpcService.ModelInferRequest;
import inference.GrpcService.ModelStreamInferResponse;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A ModelStreamInfer from the client's side. */
final class GrpcStream implements ClientResponseObserver<ModelInferRequest, ModelStreamInferResponse> {
    private final BlockingQueue<ModelStreamInferResponse> messages = new LinkedBlockingQueue<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();
    private final boolean reads;
    ClientCallStreamObserver<ModelInferRequest> call;

    /** @param reads false for a client that never asks for a message */
    GrpcStream(boolean reads) {
        this.reads = reads;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ModelInferRequest> started) {
        call = started;
        if (!reads) {
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

    ModelStreamInferResponse next() throws InterruptedException {
        ModelStreamInferResponse message = messages.poll(60, TimeUnit.SECONDS);
        if (message == null) {
            throw new AssertionError("no response came within a minute; the end: " + end.getNow(null));
        }
        return message;
    }

    Status end() throws Exception {
        return end.get(60, TimeUnit.SECONDS);
    }
}
