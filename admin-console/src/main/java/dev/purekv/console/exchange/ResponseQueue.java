package dev.purekv.console.exchange;

import dev.purekv.server.InferenceResponse;
import dev.purekv.server.TensorData;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Responses that wait for a client, bounded in bytes, and all queues together. One response may always wait, however large,
 * so only who does not read is short of room.
 */
final class ResponseQueue {
    private static final int OVERHEAD_BYTES = 256;

    private final long limitBytes;
    private final Together together;
    private final ArrayDeque<Item> items = new ArrayDeque<>();
    private long bytes;
    private boolean closed;

    /** What all queues hold. */
    record Together(long limitBytes, AtomicLong bytes) {
        Together(long limitBytes) {
            this(limitBytes, new AtomicLong());
        }
    }

    ResponseQueue(long limitBytes, Together together) {
        this.limitBytes = limitBytes;
        this.together = together;
    }

    record Item(InferenceResponse response, boolean last) {}

    /** @return false when there is no room; a closed queue takes everything and keeps nothing */
    synchronized boolean add(InferenceResponse response, boolean last) {
        if (closed) {
            return true;
        }
        long added = bytesOf(response);
        if (!items.isEmpty()
                && (bytes + added > limitBytes || together.bytes().get() + added > together.limitBytes())) {
            return false;
        }
        items.add(new Item(response, last));
        count(added);
        return true;
    }

    synchronized Item take() {
        Item item = items.remove();
        count(-bytesOf(item.response()));
        return item;
    }

    private void count(long more) {
        bytes += more;
        together.bytes().addAndGet(more);
    }

    synchronized boolean isEmpty() {
        return items.isEmpty();
    }

    synchronized void close() {
        closed = true;
        items.clear();
        count(-bytes);
    }

    private static long bytesOf(InferenceResponse response) {
        long sum = OVERHEAD_BYTES;
        if (response != null && response.outputs() != null) {
            for (TensorData output : response.outputs()) {
                sum += output.data().length;
            }
        }
        return sum;
    }
}
