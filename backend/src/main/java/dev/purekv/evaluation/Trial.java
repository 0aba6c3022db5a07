package dev.purekv.evaluation;

/**
 * One question answered under one variant, and the question that followed it.
 *
 * @param variant {@link Variant#key}
 * @param question {@link Question#key}
 * @param agrees whether the full cache gives the same text
 * @param firstDivergence Kullback-Leibler divergence, in nats, of the first token's distribution from the full cache's: it comes out of
 *     prefill, so only what changes prefill itself shows in it
 * @param secondDivergence the same of the second token, the first that the cut cache decides; null where the tokens before it differ
 *     or there is none
 * @param mass share of the full cache's observed attention that went to kept entries, mean over layers and heads
 * @param cacheBytes kept at the end of prefill, and {@code fullBytes} if nothing had been cut
 * @param tokens of the answer, without its end
 * @param followUp answer to the next question in the same conversation, from the cache that was cut for this one; null without one
 * @param followUpRight null without one, as {@code followUpAgrees}
 */
record Trial(
        String variant,
        String question,
        String answer,
        boolean right,
        boolean agrees,
        double firstDivergence,
        Double secondDivergence,
        double mass,
        long cacheBytes,
        long fullBytes,
        double visionMs,
        double prefillMs,
        double scoringMs,
        double decodeMs,
        int tokens,
        String followUp,
        Boolean followUpRight,
        Boolean followUpAgrees) {
    String key() {
        return key(variant, question);
    }

    static String key(String variant, String question) {
        return variant + "|" + question;
    }
}
