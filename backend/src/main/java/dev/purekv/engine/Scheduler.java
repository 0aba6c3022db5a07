package dev.purekv.engine;

import dev.purekv.cache.KvBudget;
import java.util.OptionalLong;

/**
 * Decides what the engine thread does next. Prompts come in their order: one that does not fit waits until it does, and no smaller one
 * overtakes it, or it might wait for ever. Knows counts and bytes, no tensors.
 */
final class Scheduler {
    /** What comes next. */
    enum Turn {
        /** The first prompt that waits becomes an answer. */
        PREFILL,
        /** Every answer under way gets a token. */
        DECODE,
        /** Nothing can be done. */
        WAIT
    }

    private final KvBudget budget;
    private final int maxSequences;

    Scheduler(KvBudget budget, int maxSequences) {
        this.budget = budget;
        this.maxSequences = maxSequences;
    }

    /**
     * @param first most bytes that the cache of the first prompt ever takes; empty when none is prepared
     * @param running answers under way
     * @param answersAreDue whether it is their turn
     */
    Turn next(OptionalLong first, int running, boolean answersAreDue) {
        boolean admitted = admits(first, running);
        if (running > 0 && (answersAreDue || !admitted)) {
            return Turn.DECODE;
        }
        return admitted ? Turn.PREFILL : Turn.WAIT;
    }

    /** Whether a prompt could be computed now, whosever turn it is; where only bytes are missing, it asks for them. Parameters as above. */
    boolean admits(OptionalLong first, int running) {
        if (first.isEmpty() || running >= maxSequences) {
            budget.asksNoMore();
            return false;
        }
        return budget.asks(first.getAsLong());
    }
}
