package dev.purekv.engine;

import dev.purekv.model.ModelPrompt;
import dev.purekv.model.PromptEncoder;
import java.util.Map;
import java.util.function.Function;

/**
 * A question, decoded but not yet prepared.
 *
 * @param prompt makes the prompt: decodes media, applies the template, tokenises; runs off the engine thread
 * @param sampling parameters by name, read against the checkpoint's defaults
 */
public record GenerationRequest(Function<PromptEncoder, ModelPrompt> prompt, Map<String, Object> sampling) {
    public GenerationRequest {
        sampling = Map.copyOf(sampling);
    }
}
