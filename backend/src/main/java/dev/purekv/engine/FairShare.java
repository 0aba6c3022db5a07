package dev.purekv.engine;

/**
 * Shares the engine thread's time between prompts and answers: whoever is behind its share goes next, answers first when neither is. So
 * a long prompt slows the answers under way by a known factor and no more, however long a piece of either takes.
 */
final class FairShare {
    private final double promptShare;
    private double promptsAhead; // nanoseconds that prompts had beyond their share

    /** @param promptShare of the time in which both have something to do; above 0 and below 1, and the rest is the answers' */
    FairShare(double promptShare) {
        this.promptShare = promptShare;
    }

    void prefilled(long nanos) {
        promptsAhead += nanos * (1 - promptShare);
    }

    void decoded(long nanos) {
        promptsAhead -= nanos * promptShare;
    }

    boolean answersAreDue() {
        return promptsAhead >= 0;
    }

    /** One of the two had nothing to do: what the other took meanwhile is owed to nobody. */
    void forget() {
        promptsAhead = 0;
    }
}
