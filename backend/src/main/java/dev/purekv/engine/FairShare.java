package dev.purekv.engine;

/**
 * Shares the engine thread's time between prompts and answers: whoever had less of it goes next, answers first when both had the same. So
 * a long prompt at most halves the pace of the answers under way, and answers at most double the time of a prompt, however long a
 * piece of either takes.
 */
final class FairShare {
    private long promptsAhead; // nanoseconds that prompts had more than answers

    void prefilled(long nanos) {
        promptsAhead += nanos;
    }

    void decoded(long nanos) {
        promptsAhead -= nanos;
    }

    boolean answersAreDue() {
        return promptsAhead >= 0;
    }

    /** One of the two had nothing to do: what the other took meanwhile is owed to nobody. */
    void forget() {
        promptsAhead = 0;
    }
}
