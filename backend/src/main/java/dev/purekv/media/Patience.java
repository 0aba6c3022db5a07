package dev.purekv.media;

import dev.purekv.ServingException;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Ends a long decode: when the caller went away, or when its time is up. Asked once a packet. */
final class Patience {
    private final BooleanSupplier cancelled;
    private final Duration limit;
    private final long start = System.nanoTime();

    Patience(BooleanSupplier cancelled, Duration limit) {
        this.cancelled = cancelled;
        this.limit = limit;
    }

    void check() {
        if (cancelled.getAsBoolean()) {
            throw ServingException.cancelled("decoding a video: the request was cancelled");
        }
        if (System.nanoTime() - start > limit.toNanos()) {
            throw ServingException.outOfCapacity(
                    "decoding a video: expected at most %d ms of work, it takes longer; send a shorter or smaller clip, retry later, or "
                            + "raise the model's parameter '%s'",
                    limit.toMillis(), MediaLimits.DECODE_SECONDS);
        }
    }
}
