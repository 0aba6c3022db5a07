package dev.purekv.engine;

import dev.purekv.model.PrefillReport;

/**
 * What an engine counts of its work. Called from the engine's threads, some of them at once, and several times a step: no method may
 * block, throw or take more than a microsecond.
 *
 * <p>Of every request that was submitted and neither refused nor failed, exactly one of {@link #finished} and {@link #cancelled} tells.
 */
public interface Meters {
    /** Where a request was when it was cancelled. */
    enum Stage {
        /** Submitted, and nothing done for it yet. */
        QUEUE,
        /** Its media are decoded and its text is tokenised, or its prompt waits for the engine. */
        PREPARATION,
        /** Its prompt is being computed. */
        PREFILL,
        /** Its answer is being generated. */
        DECODE
    }

    /** Counts nothing. */
    Meters NONE = new Uncounted();

    /** @param requests that are here and hold no cache yet, from now on */
    void waiting(int requests);

    /** @param requests that hold a cache, from now on */
    void running(int requests);

    /**
     * @param used bytes of cache that are reserved, from now on
     * @param total bytes that all engines of the model may reserve together; 0 for no limit
     */
    void cacheBytes(long used, long total);

    /** @param queuedSeconds from the request's arrival to the begin of its prefill */
    void prefilled(PrefillReport report, double queuedSeconds);

    /** The first token of an answer is there. */
    void firstToken(double secondsSinceArrival);

    /**
     * A later token of an answer is there.
     *
     * @param seconds since the token before it
     */
    void outputToken(double seconds);

    /** An answer is complete. */
    void finished(double secondsSinceArrival, int promptTokens, int generatedTokens);

    void cancelled(Stage stage);
}
