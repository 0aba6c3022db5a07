package dev.purekv.console.patience;

import dev.purekv.server.InferenceResponse;
import dev.purekv.server.TensorData;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Bounds the responses that wait for their clients, at all doors together: a client that does not read keeps its response in the
 * heap until it is cut. A sixteenth of the heap may wait. The first response of a request is taken as long as that is not
 * reached, however large it is, so that a small heap gives large answers too. A little is taken for every client always, so that
 * many who do not read large answers leave those alone who ask short questions; how much that is in all is bounded by the
 * numbers of connections and calls.
 */
@Component
public final class WaitingBytes {
    public static final int SMALL_BYTES = 16 << 10;

    private static final int OVERHEAD_BYTES = 256;

    private final long limitBytes;
    private final AtomicLong held = new AtomicLong();

    @Autowired
    WaitingBytes() {
        this(Runtime.getRuntime().maxMemory() / 16);
    }

    public WaitingBytes(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** What a response takes of the heap. */
    public static long bytesOf(InferenceResponse response) {
        long sum = OVERHEAD_BYTES;
        if (response != null && response.outputs() != null) {
            for (TensorData output : response.outputs()) {
                sum += output.data().length;
            }
        }
        return sum;
    }

    /**
     * @param own what waits for the same client already
     * @param first whether it is the first response of its request that waits
     * @return false, and nothing is held, when there is no room
     */
    public boolean take(long bytes, long own, boolean first) {
        long before = held.getAndAdd(bytes);
        if (own + bytes <= SMALL_BYTES || (first ? before < limitBytes : before + bytes <= limitBytes)) {
            return true;
        }
        held.addAndGet(-bytes);
        return false;
    }

    /** Counts what is there already, such as a response in the form that it is sent in. */
    public void add(long bytes) {
        held.addAndGet(bytes);
    }

    public void release(long bytes) {
        held.addAndGet(-bytes);
    }

    public long heldBytes() {
        return held.get();
    }

    public long limitBytes() {
        return limitBytes;
    }

    /** What a client is told whose response has no room. */
    public String refusal() {
        return "the responses that wait for clients to read them need more than " + limitBytes
                + " bytes together; try again later, or give the server a larger heap (-Xmx)";
    }
}
