package dev.purekv.evaluation;

import java.util.List;
import java.util.Map;

/**
 * A way to read the prompt, before anything of it is cut.
 *
 * @param settings by name, as in config.pbtxt
 * @param pruned whether tokens leave on the way up, as many as the ratio says: none without a ratio, and under purekv alone
 */
record PrefillPattern(String name, Map<String, String> settings, boolean pruned) {
    static final PrefillPattern DENSE = new PrefillPattern("dense", Map.of(), false);

    PrefillPattern {
        settings = Map.copyOf(settings);
    }

    /** @param layer first layer that is not dense */
    static List<PrefillPattern> all(int layer) {
        String from = Integer.toString(layer);
        return List.of(
                DENSE,
                new PrefillPattern("sparse", Map.of("sparse_attention_layer", from), false),
                new PrefillPattern("spatial", Map.of("sparse_attention_layer", from, "temporal", "false"), false),
                new PrefillPattern("temporal", Map.of("sparse_attention_layer", from, "spatial", "false"), false),
                new PrefillPattern("pruned", Map.of("token_pruning_layer", from), true),
                new PrefillPattern(
                        "sparse_pruned", Map.of("sparse_attention_layer", from, "token_pruning_layer", from), true));
    }
}
