package dev.purekv.compression;

import java.util.Arrays;
import java.util.Optional;

/**
 * How many entries each layer keeps of each head.
 *
 * @param kept L counts
 * @param tokens N
 * @param pruning empty where all tokens reach the highest layer
 * @param note why less was cut than the settings say; empty when they were met
 */
public record CompressionPlan(int[] kept, int tokens, Optional<TokenPruning> pruning, String note) {
    CompressionPlan(int[] kept, int tokens, String note) {
        this(kept, tokens, Optional.empty(), note);
    }

    static CompressionPlan keepAll(int layers, int tokens, String note) {
        int[] kept = new int[layers];
        Arrays.fill(kept, tokens);
        return new CompressionPlan(kept, tokens, note);
    }

    CompressionPlan pruned(TokenPruning pruning) {
        return new CompressionPlan(kept, tokens, Optional.of(pruning), note);
    }

    CompressionPlan noted(String more) {
        return new CompressionPlan(kept, tokens, pruning, note.isEmpty() ? more : note + "; " + more);
    }

    /** Tokens that reach a layer: N, or the survivors of pruning. */
    public int tokens(int layer) {
        return pruning.filter(each -> layer >= each.firstLayer())
                .map(TokenPruning::survivors)
                .orElse(tokens);
    }

    /** Whether a layer gives up any entry that it computed. */
    public boolean cuts(int layer) {
        return kept[layer] < tokens(layer);
    }

    /** Whether any entry of the uncut cache is missing at the end. */
    public boolean cutsAnything() {
        return Arrays.stream(kept).anyMatch(count -> count < tokens);
    }
}
