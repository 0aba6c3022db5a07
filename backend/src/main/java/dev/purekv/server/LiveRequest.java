package dev.purekv.server;

/**
 * A request that a model of this server works on, or has waiting.
 *
 * @param number tells it from all others of the model's version, now and later
 * @param stage where it is
 * @param promptTokens 0 until its prompt is prepared
 * @param generatedTokens of its answer by now
 * @param cacheBytes of cache that it holds
 */
public record LiveRequest(
        String model,
        long version,
        long number,
        Stage stage,
        double ageSeconds,
        int promptTokens,
        int generatedTokens,
        long cacheBytes) {
    /** The stages of a request. */
    public enum Stage {
        /** Nothing is done for it yet. */
        QUEUE,
        /** Its media are decoded, or its prompt waits for room in the cache. */
        PREPARATION,
        /** Its prompt is being computed. */
        PREFILL,
        /** Its answer is being generated. */
        DECODE
    }
}
