package dev.purekv.console.exchange;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the bodies that are held at one time, so that many large requests wait outside, told to come again, and not in
 * a heap that ends. A body counts from its first byte until its inference has ended, since what waits for the model holds
 * its video.
 */
public final class BodyBudget {
    private final long limitBytes;
    private final AtomicLong held = new AtomicLong();

    /** @param limitBytes at least the largest body that is allowed */
    BodyBudget(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** @throws Refusal 503 when the bodies under way leave no room */
    public void reserve(long bytes) {
        if (held.addAndGet(bytes) > limitBytes) {
            held.addAndGet(-bytes);
            throw new Refusal(
                    503,
                    "the requests that are being read and answered need more than " + limitBytes
                            + " bytes together; try again later, or give the server a larger heap (-Xmx)");
        }
    }

    public void release(long bytes) {
        held.addAndGet(-bytes);
    }

    public long heldBytes() {
        return held.get();
    }
}
