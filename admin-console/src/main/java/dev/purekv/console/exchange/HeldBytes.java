package dev.purekv.console.exchange;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What one body takes of the budget. Whoever reads the body gives it back when the request is refused, or keeps it for an
 * inference, which gives it back at its end.
 */
public final class HeldBytes {
    private final BodyBudget budget;
    private final AtomicLong bytes = new AtomicLong();
    private volatile boolean kept;

    HeldBytes(BodyBudget budget) {
        this.budget = budget;
    }

    /** @throws Refusal 503 when there is no room */
    public void add(long more) {
        budget.reserve(more);
        bytes.addAndGet(more);
    }

    long bytes() {
        return bytes.get();
    }

    /** An inference has the body's content now. */
    public void keep() {
        kept = true;
    }

    boolean kept() {
        return kept;
    }

    /** Harmless when all is given back. */
    public void release() {
        budget.release(bytes.getAndSet(0));
    }
}
