package dev.purekv.engine;

/**
 * How far a request is that has not ended.
 *
 * @param number counts the engine's requests
 * @param promptTokens 0 until its prompt is prepared
 * @param cacheBytes held now
 */
public record OpenRequest(
        long number, Meters.Stage stage, double ageSeconds, int promptTokens, int generatedTokens, long cacheBytes) {}
