package dev.purekv.evaluation;

/**
 * One question answered under one variant.
 *
 * @param question {@link Question#key}
 * @param agrees whether the full cache gives the same text
 * @param divergence Kullback-Leibler divergence, in nats, of the second token's distribution from the full cache's; the first comes out
 *     of prefill and is the same
 * @param cacheBytes kept at the end of prefill, and {@code fullBytes} if nothing had been cut
 */
record Trial(
        String variant,
        String question,
        String kind,
        String answer,
        boolean right,
        boolean agrees,
        double divergence,
        long cacheBytes,
        long fullBytes,
        double visionMs,
        double prefillMs,
        double scoringMs,
        double decodeMs,
        int tokens) {}
