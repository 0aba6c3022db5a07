package dev.purekv.console.grpc;

import dev.purekv.console.patience.WaitingBytes;
import dev.purekv.server.InferenceServer;
import inference.GrpcService.ModelInferRequest;
import inference.GrpcService.ModelInferResponse;
import inference.GrpcService.ModelStreamInferResponse;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.springframework.stereotype.Component;

/** Begins the calls that run inferences, and follows them to their end. */
@Component
final class InferenceCalls {
    private final InferenceServer server;
    private final RequestReader reader;
    private final RunningCalls running;
    private final GrpcThreads threads;
    private final WaitingBytes waiting;

    InferenceCalls(
            InferenceServer server,
            RequestReader reader,
            RunningCalls running,
            GrpcThreads threads,
            WaitingBytes waiting) {
        this.server = server;
        this.reader = reader;
        this.running = running;
        this.threads = threads;
        this.waiting = waiting;
    }

    void one(ModelInferRequest request, StreamObserver<ModelInferResponse> observer) {
        ServerCallStreamObserver<ModelInferResponse> call = (ServerCallStreamObserver<ModelInferResponse>) observer;
        UnaryCall unary = new UnaryCall(call, threads.delivery(), waiting);
        try {
            follow(call, unary, unary::cancelled, unary::ended);
        } catch (StatusRuntimeException full) {
            unary.release();
            call.onError(full);
            return;
        }
        try {
            unary.begin(server, reader, request);
        } catch (RuntimeException | OutOfMemoryError e) {
            call.onError(Statuses.of(e).asRuntimeException());
        }
    }

    StreamObserver<ModelInferRequest> stream(StreamObserver<ModelStreamInferResponse> observer) {
        ServerCallStreamObserver<ModelStreamInferResponse> call =
                (ServerCallStreamObserver<ModelStreamInferResponse>) observer;
        StreamCall stream = new StreamCall(server, reader, call, threads.delivery(), waiting);
        try {
            follow(call, stream, stream::cancelled, stream::ended);
        } catch (StatusRuntimeException full) {
            call.onError(full);
            return new Unheard();
        }
        stream.begin();
        return stream;
    }

    /** The client's half of a call that is refused at its beginning. */
    private static final class Unheard implements StreamObserver<ModelInferRequest> {
        @Override
        public void onNext(ModelInferRequest message) {
            // None is asked for.
        }

        @Override
        public void onError(Throwable failure) {
            // The call has ended.
        }

        @Override
        public void onCompleted() {
            // The call has ended.
        }
    }

    private void follow(ServerCallStreamObserver<?> call, RunningCalls.Call self, Runnable cancelled, Runnable ended) {
        running.add(self);
        call.setOnCloseHandler(() -> {
            running.remove(self);
            ended.run();
        });
        call.setOnCancelHandler(() -> {
            running.remove(self);
            cancelled.run();
        });
    }
}
