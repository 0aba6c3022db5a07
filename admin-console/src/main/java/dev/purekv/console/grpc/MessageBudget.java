package dev.purekv.console.grpc;

import io.grpc.Status;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the messages that are held at one time by all calls together, so that many large ones are told to come again and do
 * not end the heap.
 */
final class MessageBudget {
    private final long limitBytes;
    private final AtomicLong held = new AtomicLong();

    /** @param limitBytes at least the largest message that is allowed */
    MessageBudget(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** @throws io.grpc.StatusRuntimeException RESOURCE_EXHAUSTED when there is no room */
    void reserve(long bytes) {
        if (held.addAndGet(bytes) > limitBytes) {
            held.addAndGet(-bytes);
            throw Status.RESOURCE_EXHAUSTED
                    .withDescription("the messages that are being read and answered need more than " + limitBytes
                            + " bytes together; try again later, or give the server a larger heap (-Xmx)")
                    .asRuntimeException();
        }
    }

    void release(long bytes) {
        held.addAndGet(-bytes);
    }

    long limitBytes() {
        return limitBytes;
    }

    long heldBytes() {
        return held.get();
    }
}
