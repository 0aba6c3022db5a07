package dev.purekv.engine;

import dev.purekv.model.ModelPrompt;
import dev.purekv.model.PromptEncoder;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;

/**
 * A question, decoded but not yet prepared.
 *
 * @param prompt makes the prompt, unless it is cancelled: decodes media, applies the template, tokenises; runs off the
 *     engine thread
 * @param sampling parameters by name, read against the checkpoint's defaults
 */
public record GenerationRequest(
        BiFunction<PromptEncoder, BooleanSupplier, ModelPrompt> prompt, Map<String, Object> sampling) {
    public GenerationRequest {
        sampling = Map.copyOf(sampling);
    }
}
