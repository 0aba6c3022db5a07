package dev.purekv.console.exchange;

import dev.purekv.server.InferenceResponse;
import dev.purekv.server.TensorData;
import java.util.ArrayDeque;

/** Responses that wait for a client, bounded in bytes. One response may always wait, however large. */
final class ResponseQueue {
    private static final int OVERHEAD_BYTES = 256;

    private final long limitBytes;
    private final ArrayDeque<Item> items = new ArrayDeque<>();
    private long bytes;

    ResponseQueue(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    record Item(InferenceResponse response, boolean last) {}

    /** @return false when there is no room */
    synchronized boolean add(InferenceResponse response, boolean last) {
        long added = bytesOf(response);
        if (!items.isEmpty() && bytes + added > limitBytes) {
            return false;
        }
        items.add(new Item(response, last));
        bytes += added;
        return true;
    }

    synchronized Item take() {
        Item item = items.remove();
        bytes -= bytesOf(item.response());
        return item;
    }

    synchronized boolean isEmpty() {
        return items.isEmpty();
    }

    synchronized void clear() {
        items.clear();
        bytes = 0;
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
