package dev.purekv.model;

import java.util.Set;

/**
 * What a checkpoint's {@code generation_config.json} says, where a request does not say otherwise.
 *
 * @param endTokens ids that end an answer
 * @param temperature 0 when {@code do_sample} is false
 * @param topK 0 for no limit
 * @param penalisesPrompt whether the repetition penalty counts the prompt beside the answer
 */
public record GenerationDefaults(
        Set<Integer> endTokens,
        int maxNewTokens,
        double temperature,
        double topP,
        int topK,
        double repetitionPenalty,
        boolean penalisesPrompt) {
    public GenerationDefaults {
        endTokens = Set.copyOf(endTokens);
    }

    /** With a penalty that counts the prompt, as transformers does wherever it is given ids. */
    public GenerationDefaults(
            Set<Integer> endTokens,
            int maxNewTokens,
            double temperature,
            double topP,
            int topK,
            double repetitionPenalty) {
        this(endTokens, maxNewTokens, temperature, topP, topK, repetitionPenalty, true);
    }

    /**
     * What the repetition penalty counts before an answer begins.
     *
     * @param context ids that stand before it
     */
    public int[] penalised(int[] context) {
        return penalisesPrompt ? context : new int[0];
    }
}
