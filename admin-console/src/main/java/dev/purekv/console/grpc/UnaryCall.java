package dev.purekv.console.grpc;

import dev.purekv.console.patience.Cancelling;
import dev.purekv.console.patience.WaitingBytes;
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

/**
 * One ModelInfer: one request, one response. A client that leaves cancels it. A large response counts as waiting until the client
 * has it, and the call is closed only then: a closed one could not be cut.
 */
final class UnaryCall implements ResponseObserver, RunningCalls.Call {
    private final ServerCallStreamObserver<ModelInferResponse> call;
    private final Executor delivery;
    private final Uptake uptake = Uptake.KEY.get();
    private final WaitingBytes waiting;
    private final HeldBytes held = InboundBytes.KEY.get().take();
    private ReadRequest read = new ReadRequest(null, false, Map.of());
    private InferenceResponse answer;
    private volatile RunningInference running;
    private volatile boolean stopWanted;

    // Guarded by this.
    private long waitingBytes; // of the response
    private boolean noRoom;
    private boolean sent;
    private boolean over; // closed, cut, or ended by the client

    UnaryCall(ServerCallStreamObserver<ModelInferResponse> call, Executor delivery, WaitingBytes waiting) {
        this.call = call;
        this.delivery = delivery;
        this.waiting = waiting;
        call.setOnReadyHandler(this::closeIfTaken);
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
                Cancelling.cancel(inference);
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
            answer = place(response) ? response : null;
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

    /** Counts a response as waiting. */
    private synchronized boolean place(InferenceResponse response) {
        long bytes = WaitingBytes.bytesOf(response);
        noRoom |= !over && !waiting.take(bytes, waitingBytes, true);
        if (over || noRoom) {
            return false;
        }
        waitingBytes += bytes;
        return true;
    }

    private void answer() {
        ModelInferResponse message;
        try {
            refuseWithoutRoom();
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
        answer = null; // the call may last until the client has read it
        // Before the client hears of it: it may unregister its shared memory at once.
        release();
        try {
            send(message);
        } catch (RuntimeException | OutOfMemoryError e) {
            call.onError(Statuses.of(e).asRuntimeException());
        }
    }

    private synchronized void refuseWithoutRoom() {
        if (noRoom) {
            throw Status.RESOURCE_EXHAUSTED.withDescription(waiting.refusal()).asRuntimeException();
        }
    }

    private synchronized void send(ModelInferResponse message) {
        if (over) {
            return;
        }
        call.onNext(message);
        sent = true;
        closeIfTaken();
    }

    private synchronized void closeIfTaken() {
        if (sent && !over && call.isReady()) {
            over = true;
            call.onCompleted();
        }
    }

    /** The client has left. */
    void cancelled() {
        ended();
        stop();
    }

    /** The client has everything, or is gone. */
    synchronized void ended() {
        over = true;
        waiting.release(waitingBytes);
        waitingBytes = 0;
    }

    @Override
    public void drain() {
        // It ends by itself.
    }

    @Override
    public void stop() {
        stopWanted = true;
        Cancelling.cancel(running);
    }

    @Override
    public long stalledMillis() {
        synchronized (this) {
            if (!sent || over) {
                return 0;
            }
        }
        long stalled = uptake.stalledMillis();
        closeIfTaken(); // it may have become ready while it was asked
        return stalled;
    }

    @Override
    public synchronized void cut() {
        if (sent && !over) {
            over = true;
            uptake.reset();
        }
    }
}
