package dev.purekv.console.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.function.Consumer;

/**
 * Counts the bytes of a call's messages while they arrive, and refuses the call when the budget has no room: the transport
 * ends a call whose tracer throws with the status thrown, as it does for a message above the allowed size.
 *
 * <p>Bytes belong to the call until someone takes the message that they are of, and end with it otherwise. No message is
 * read before the one ahead of it was taken, since calls ask for one at a time.
 */
final class InboundBytes extends ServerStreamTracer {
    /** In the context of every call. */
    static final Context.Key<InboundBytes> KEY = Context.key("purekv-inbound-bytes");

    /** Triton's own: errors in a stream end it with a status. */
    private static final Metadata.Key<String> STATUS_WANTED =
            Metadata.Key.of("triton_grpc_error", Metadata.ASCII_STRING_MARSHALLER);

    private final MessageBudget budget;
    private final boolean statusWanted;
    private long wireBytes; // of the message under way, which may be compressed
    private long messageBytes;
    private long held;
    private boolean closed;
    private volatile long messageSince;
    private volatile Status refusal;
    private volatile Consumer<Status> refused;

    private InboundBytes(MessageBudget budget, boolean statusWanted) {
        this.budget = budget;
        this.statusWanted = statusWanted;
    }

    /** Makes one for each call. */
    static ServerStreamTracer.Factory factory(MessageBudget budget) {
        return new ServerStreamTracer.Factory() {
            @Override
            public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
                return new InboundBytes(budget, "true".equals(headers.get(STATUS_WANTED)));
            }
        };
    }

    @Override
    public Context filterContext(Context context) {
        return context.withValue(KEY, this);
    }

    /** Whether the client wants the first error of a stream as the status of the call. */
    boolean statusWanted() {
        return statusWanted;
    }

    /** Keeps why a message of the call cannot be taken. */
    void refuse(Status status) {
        refusal = status;
    }

    Status refusal() {
        return refusal;
    }

    /** Lets a call that writes on other threads end itself: a call must not be used by two threads at a time. */
    void onRefusal(Consumer<Status> handler) {
        refused = handler;
    }

    /** @return who ends the call for a refusal, or null */
    Consumer<Status> refusalHandler() {
        return refused;
    }

    /** @return of System.nanoTime; never 0 */
    static long now() {
        long now = System.nanoTime();
        return now == 0 ? 1 : now;
    }

    /** @return when the first bytes came of a message that is not there yet, of System.nanoTime; 0 for none */
    long messageSince() {
        return messageSince;
    }

    @Override
    public void inboundMessageRead(int number, long wireBytes, long messageBytes) {
        messageSince = 0;
    }

    @Override
    public synchronized void inboundWireSize(long bytes) {
        if (messageSince == 0) {
            messageSince = now();
        }
        wireBytes += bytes;
        hold();
    }

    @Override
    public synchronized void inboundUncompressedSize(long bytes) {
        messageBytes += bytes;
        hold();
    }

    private void hold() {
        long more = Math.max(wireBytes, messageBytes) - held;
        if (more > 0 && !closed) {
            budget.reserve(more);
            held += more;
        }
    }

    /** @return the bytes of the message that has come last, which the caller releases */
    synchronized HeldBytes take() {
        HeldBytes taken = new HeldBytes(budget, held);
        held = 0;
        wireBytes = 0;
        messageBytes = 0;
        return taken;
    }

    @Override
    public synchronized void streamClosed(Status status) {
        closed = true;
        budget.release(held);
        held = 0;
    }
}
