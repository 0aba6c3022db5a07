package dev.purekv.model.qwen25vl;

/**
 * Two schemes name the same weights: {@code visual.*} and {@code model.*} in released checkpoints, {@code model.visual.*}
 * and {@code model.language_model.*} in files written from a newer transformers' memory. The first is used here.
 */
final class WeightNames {
    private static final String VISUAL = "model.visual.";
    private static final String LANGUAGE = "language_model.";

    private WeightNames() {}

    static String canonical(String name) {
        if (name.startsWith(VISUAL)) {
            return name.substring("model.".length());
        }
        String inner = name.startsWith("model." + LANGUAGE) ? name.substring("model.".length()) : name;
        if (!inner.startsWith(LANGUAGE)) {
            return name;
        }
        String rest = inner.substring(LANGUAGE.length());
        return rest.startsWith("model.") || rest.startsWith("lm_head.") ? rest : "model." + rest;
    }

    /** Tables that some tools store beside the weights and that every implementation computes itself. */
    static boolean isComputed(String canonical) {
        return canonical.endsWith("rotary_emb.inv_freq") || canonical.endsWith("rotary_pos_emb.inv_freq");
    }
}
