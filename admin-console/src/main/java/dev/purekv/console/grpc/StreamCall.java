package dev.purekv.console.grpc;

import dev.purekv.console.keys.Admission;
import dev.purekv.console.patience.WaitingBytes;
import dev.purekv.server.InferenceServer;
import inference.GrpcService.ModelInferRequest;
import inference.GrpcService.ModelStreamInferResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * One ModelStreamInfer: any number of requests at a time, whose responses come as they are ready; those of models that
 * give one each come in the order of their requests, as in Triton. The end of the client's half lets pending work
 * finish; the end of the call cancels all of it.
 *
 * <p>No more requests are read while many run or their responses wait. A client that reads slower than a model answers one
 * request is cut: each request may have one message waiting, and all together a bounded number of bytes beyond that.
 */
final class StreamCall implements StreamObserver<ModelInferRequest>, RunningCalls.Call {
    static final int QUEUE_BYTES = 1 << 20;
    private static final int MOST_REQUESTS = 256;
    private static final int OVERHEAD_BYTES = 256; // of a message in the heap

    private final InferenceServer server;
    private final RequestReader reader;
    private final ServerCallStreamObserver<ModelStreamInferResponse> call;
    private final WaitingBytes waiting;
    private final InboundBytes inbound = InboundBytes.KEY.get();
    private final Admission admission = Admission.take();
    private final Outbox<ModelStreamInferResponse> outbox;

    // Guarded by this.
    private final Set<StreamRequest> running = new HashSet<>();
    private final ArrayDeque<StreamRequest> ordered = new ArrayDeque<>();
    private long heldBackBytes;
    private boolean requested; // a message of the client that has not come
    private boolean halfClosed;
    private boolean stopping;

    StreamCall(
            InferenceServer server,
            RequestReader reader,
            ServerCallStreamObserver<ModelStreamInferResponse> call,
            Executor delivery,
            WaitingBytes waiting) {
        this.server = server;
        this.reader = reader;
        this.call = call;
        this.waiting = waiting;
        this.outbox = new Outbox<>(call, delivery, Uptake.KEY.get(), waiting);
        call.disableAutoRequest();
        call.setOnReadyHandler(outbox::schedule);
        inbound.onRefusal(this::fail);
    }

    /** Asks for the first request. */
    void begin() {
        readOn();
    }

    @Override
    public void onNext(ModelInferRequest message) {
        Status no = admission.next();
        if (no != null && no.getCode() == Status.Code.UNAUTHENTICATED) {
            inbound.take().release();
            fail(no);
            return;
        }
        StreamRequest request = new StreamRequest(this, message, inbound.take());
        boolean decoupled = false;
        RuntimeException unknown = null;
        try {
            decoupled = server.decoupled(message.getModelName(), message.getModelVersion());
        } catch (RuntimeException e) {
            unknown = e;
        }
        boolean refuse;
        synchronized (this) {
            requested = false;
            refuse = stopping;
            running.add(request);
            if (!decoupled) {
                ordered.add(request);
            }
        }
        try {
            if (refuse) {
                throw stopped().asRuntimeException();
            } else if (no != null) {
                throw no.asRuntimeException();
            } else if (unknown != null) {
                throw unknown;
            }
            request.start(server, reader.read(message, request.held()), decoupled);
        } catch (RuntimeException | OutOfMemoryError e) {
            request.refused(Statuses.of(e));
        }
        readOn();
    }

    /**
     * Takes a response of a request.
     *
     * @param message null for none
     * @param failure null for none
     * @param last whether no more follows
     */
    void answered(StreamRequest request, ModelStreamInferResponse message, Status failure, boolean last) {
        boolean fatal = failure != null && inbound.statusWanted();
        synchronized (this) {
            if (last) {
                running.remove(request);
            }
            ModelStreamInferResponse kept = fatal ? null : place(request, message);
            if (ordered.contains(request)) {
                holdBack(request, kept, last);
            } else if (kept != null) {
                send(request, kept);
            }
        }
        if (fatal) {
            fail(failure);
        }
        if (last) {
            finishIfDone();
            readOn();
        }
    }

    /**
     * Counts a message as waiting. The first of a request that finds no room is dropped for one that says so, and the request is
     * cancelled; a further one shows a client that does not keep up.
     *
     * @return what waits; null for nothing
     */
    private ModelStreamInferResponse place(StreamRequest request, ModelStreamInferResponse message) {
        if (message == null || request.dropped || !outbox.open()) {
            return null;
        }
        boolean first = request.nothingWaits();
        if (waiting.take(bytes(message), outbox.bytes() + heldBackBytes, first)) {
            return message;
        }
        if (!first) {
            tooSlow();
            return null;
        }
        Status noRoom = Status.RESOURCE_EXHAUSTED.withDescription(waiting.refusal());
        request.dropped = true;
        request.cancel();
        if (inbound.statusWanted()) {
            fail(noRoom);
            return null;
        }
        ModelStreamInferResponse instead = request.failure(noRoom);
        waiting.add(bytes(instead));
        return instead;
    }

    private void holdBack(StreamRequest request, ModelStreamInferResponse message, boolean last) {
        if (message != null) {
            request.heldBack.add(message);
            heldBackBytes += bytes(message);
        }
        request.done |= last;
        while (!ordered.isEmpty() && ordered.peek().done) {
            StreamRequest next = ordered.remove();
            for (ModelStreamInferResponse each : next.heldBack) {
                heldBackBytes -= bytes(each);
                send(next, each);
            }
        }
    }

    private void send(StreamRequest request, ModelStreamInferResponse message) {
        long bytes = bytes(message);
        if (request.waiting.getAndIncrement() > 0 && outbox.bytes() + bytes > QUEUE_BYTES) {
            waiting.release(bytes);
            tooSlow();
            return;
        }
        outbox.add(message, bytes, () -> {
            request.waiting.decrementAndGet();
            readOn();
        });
    }

    private static long bytes(ModelStreamInferResponse message) {
        return message.getSerializedSize() + OVERHEAD_BYTES;
    }

    private void readOn() {
        synchronized (this) {
            boolean room = running.size() < MOST_REQUESTS
                    && ordered.size() < MOST_REQUESTS
                    && outbox.bytes() + heldBackBytes < QUEUE_BYTES;
            if (requested || halfClosed || !room || !outbox.open()) {
                return;
            }
            requested = true;
        }
        call.request(1);
    }

    private synchronized void finishIfDone() {
        if (running.isEmpty() && halfClosed) {
            outbox.finish(Status.OK);
        } else if (running.isEmpty() && stopping) {
            outbox.finish(stopped());
        }
    }

    @Override
    public void onCompleted() {
        synchronized (this) {
            halfClosed = true;
        }
        finishIfDone();
    }

    @Override
    public void onError(Throwable failure) {
        cancelled();
    }

    /** The client has left, or the transport has failed. */
    void cancelled() {
        cancelAll();
        ended();
    }

    /** Nobody waits for anything any more. */
    void ended() {
        outbox.ended();
        synchronized (this) {
            ordered.forEach(request -> request.heldBack.clear());
            waiting.release(heldBackBytes);
            heldBackBytes = 0;
        }
    }

    private void cancelAll() {
        List<StreamRequest> now;
        synchronized (this) {
            now = List.copyOf(running);
        }
        now.forEach(StreamRequest::cancel);
    }

    private void fail(Status status) {
        outbox.fail(status);
        cancelAll();
    }

    @Override
    public void drain() {
        synchronized (this) {
            stopping = true;
        }
        finishIfDone();
    }

    @Override
    public void stop() {
        drain();
        cancelAll();
    }

    private static Status stopped() {
        return Status.UNAVAILABLE.withDescription("the server is stopping");
    }

    @Override
    public void look() {
        Status no = admission.now();
        if (no != null && no.getCode() == Status.Code.UNAUTHENTICATED) {
            fail(no); // the key was revoked
        }
    }

    @Override
    public long stalledMillis() {
        return outbox.stalledMillis();
    }

    @Override
    public void cut() {
        outbox.cut();
        cancelAll();
    }

    private void tooSlow() {
        fail(Status.RESOURCE_EXHAUSTED.withDescription("the client reads its responses slower than they are made:"
                + " the stream was ended and its requests cancelled; read faster, or ask for less at a time"));
    }
}
