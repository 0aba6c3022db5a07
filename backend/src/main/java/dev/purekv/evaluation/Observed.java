package dev.purekv.evaluation;

/**
 * Rank correlations between the layers of one prompt.
 *
 * @param question {@link Question#key}
 * @param meanHeads (L, L), source by target, a source's heads averaged; null for a prompt without ranked entries
 * @param perHead the same, heads ranked by the head of their own number
 */
record Observed(String question, double[][] meanHeads, double[][] perHead) {}
