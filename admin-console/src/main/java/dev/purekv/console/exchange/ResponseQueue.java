package dev.purekv.console.exchange;

import dev.purekv.console.patience.WaitingBytes;
import dev.purekv.server.InferenceResponse;
import java.util.ArrayDeque;

/**
 * Responses that wait for a client, bounded in bytes, and all queues together. One response may wait in a queue however large
 * it is, so only who does not read is short of its own room.
 */
final class ResponseQueue {
    private final long limitBytes;
    private final WaitingBytes together;
    private final ArrayDeque<Item> items = new ArrayDeque<>();
    private long bytes;
    private long writing; // of a response that has left the queue, in the form that it is sent in
    private boolean closed;

    ResponseQueue(long limitBytes, WaitingBytes together) {
        this.limitBytes = limitBytes;
        this.together = together;
    }

    record Item(InferenceResponse response, boolean last) {}

    /** What became of a response. */
    enum Place {
        /** It waits, or nobody wants it any more. */
        TAKEN,
        /** Those of other clients leave no room for it. */
        NO_ROOM,
        /** Too many of the same client wait already. */
        TOO_SLOW
    }

    /** A closed queue takes everything and keeps nothing. */
    synchronized Place add(InferenceResponse response, boolean last) {
        if (closed) {
            return Place.TAKEN;
        }
        long added = WaitingBytes.bytesOf(response);
        if (items.isEmpty()) {
            if (!together.take(added, 0, true)) {
                return Place.NO_ROOM;
            }
        } else if (bytes + added > limitBytes || !together.take(added, bytes, false)) {
            return Place.TOO_SLOW;
        }
        items.add(new Item(response, last));
        bytes += added;
        return Place.TAKEN;
    }

    /** Ends the responses with this one, whatever waits; what comes later is dropped. */
    synchronized void end(InferenceResponse response) {
        if (!closed) {
            long added = WaitingBytes.bytesOf(response);
            together.add(added);
            bytes += added;
            items.add(new Item(response, true));
            closed = true;
        }
    }

    synchronized Item take() {
        Item item = items.remove();
        long taken = WaitingBytes.bytesOf(item.response());
        bytes -= taken;
        together.release(taken);
        return item;
    }

    /** Counts what of a response is on its way to the client; 0 when it has left. */
    synchronized void writing(long now) {
        together.add(now - writing);
        writing = now;
    }

    /** What a client is told whose response has no room. */
    String refusal() {
        return together.refusal();
    }

    synchronized boolean isEmpty() {
        return items.isEmpty();
    }

    synchronized void close() {
        closed = true;
        items.clear();
        together.release(bytes);
        bytes = 0;
        writing(0);
    }
}
