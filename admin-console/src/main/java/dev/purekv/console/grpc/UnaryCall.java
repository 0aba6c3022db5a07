package dev.purekv.console.grpc;

import dev.purekv.server.InferenceResponse;
import dev.purekv.server.InferenceServer;
import dev.purekv.server.ResponseObserver;
import dev.purekv.server.RunningInference;
import inference.GrpcService.ModelInferRequest;
import inference.GrpcService.ModelInferResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** One ModelInfer: one request, one response. A client that leaves cancels it. */
final class UnaryCall implements ResponseObserver, RunningCalls.Call {
    private final ServerCallStreamObserver<ModelInferResponse> call;
    private final Executor delivery;
    private final HeldBytes held = InboundBytes.KEY.get().take();
    private ReadRequest read = new ReadRequest(null, false, Map.of());
    private InferenceResponse answer;
    private volatile RunningInference running;
    private volatile boolean stopWanted;

    UnaryCall(ServerCallStreamObserver<ModelInferResponse> call, Executor delivery) {
        this.call = call;
        this.delivery = delivery;
    }

    /** @throws RuntimeException when the request is refused before it starts; the caller answers then */
    void begin(InferenceServer server, RequestReader reader, ModelInferRequest message) {
        try {
            if (server.decoupled(message.getModelName(), message.getModelVersion())) {
                throw Statuses.unsupported(
                        "ModelInfer RPC doesn't support models with decoupled transaction policy; use ModelStreamInfer");
            }
            read = reader.read(message, held);
            RunningInference inference = server.infer(read.request(), this);
            running = inference;
            if (stopWanted) {
                inference.cancel();
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            release();
            throw e;
        }
    }

    /** Gives back what the message took. */
    void release() {
        read.close();
        held.release();
    }

    @Override
    public void response(InferenceResponse response, boolean last) {
        if (response != null) {
            answer = response;
        }
        if (!last) {
            return;
        }
        try {
            // Writing a large message takes longer than a thread of the server's may be held up.
            delivery.execute(this::answer);
        } catch (RejectedExecutionException e) {
            release(); // the process ends, and the transport with it
        }
    }

    private void answer() {
        ModelInferResponse message;
        try {
            if (answer == null) {
                throw Status.INTERNAL
                        .withDescription("expected exactly 1 response of the model, got none")
                        .asRuntimeException();
            }
            message = Answers.of(answer, read.windows()).build();
        } catch (RuntimeException | OutOfMemoryError e) {
            release();
            call.onError(Statuses.of(e).asRuntimeException());
            return;
        }
        // Before the client hears of it: it may unregister its shared memory at once.
        release();
        try {
            call.onNext(message);
            call.onCompleted();
        } catch (RuntimeException | OutOfMemoryError e) {
            call.onError(Statuses.of(e).asRuntimeException());
        }
    }

    @Override
    public void drain() {
        // It ends by itself.
    }

    @Override
    public void stop() {
        stopWanted = true;
        RunningInference inference = running;
        if (inference != null) {
            inference.cancel();
        }
    }

    @Override
    public long stalledMillis() {
        return 0; // its only message goes to the transport as it is
    }

    @Override
    public void cut() {
        stop();
    }
}
