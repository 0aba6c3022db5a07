package dev.purekv.console.grpc;

/** What one request takes of the budget until its inference has ended. */
final class HeldBytes {
    private final MessageBudget budget;
    private long bytes;

    /** @param bytes reserved already */
    HeldBytes(MessageBudget budget, long bytes) {
        this.budget = budget;
        this.bytes = bytes;
    }

    /** @throws io.grpc.StatusRuntimeException RESOURCE_EXHAUSTED when there is no room */
    synchronized void add(long more) {
        budget.reserve(more);
        bytes += more;
    }

    /** Harmless when all is given back. */
    synchronized void release() {
        budget.release(bytes);
        bytes = 0;
    }
}
