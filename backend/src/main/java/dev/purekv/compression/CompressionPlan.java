package dev.purekv.compression;

import java.util.Arrays;

/**
 * How many entries each layer keeps of each head.
 *
 * @param kept L counts
 * @param tokens N
 * @param note why less was cut than the ratio says; empty when it was met
 */
public record CompressionPlan(int[] kept, int tokens, String note) {
    static CompressionPlan keepAll(int layers, int tokens, String note) {
        int[] kept = new int[layers];
        Arrays.fill(kept, tokens);
        return new CompressionPlan(kept, tokens, note);
    }

    /** Whether a layer gives up anything. */
    public boolean cuts(int layer) {
        return kept[layer] < tokens;
    }

    /** Whether any layer gives up anything. */
    public boolean cutsAnything() {
        return Arrays.stream(kept).anyMatch(count -> count < tokens);
    }
}
