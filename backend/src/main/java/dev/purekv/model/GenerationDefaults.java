package dev.purekv.model;

import java.util.Set;

/**
 * What a checkpoint's {@code generation_config.json} says, where a request does not say otherwise.
 *
 * @param endTokens ids that end an answer
 * @param temperature 0 when {@code do_sample} is false
 * @param topK 0 for no limit
 */
public record GenerationDefaults(
        Set<Integer> endTokens, int maxNewTokens, double temperature, double topP, int topK, double repetitionPenalty) {
    public GenerationDefaults {
        endTokens = Set.copyOf(endTokens);
    }
}
