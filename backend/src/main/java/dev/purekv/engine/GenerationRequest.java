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
 * @param kv settings of the cache by name, read against the model's own
 * @param arrived System.nanoTime when the server got it; its time counts from here
 * @param timeoutMicros how long its client waits; 0 for ever
 * @param priority 1 before 2 and so on, unsigned; 0 for the middle, which is 2
 */
public record GenerationRequest(
        BiFunction<PromptEncoder, BooleanSupplier, ModelPrompt> prompt,
        Map<String, Object> sampling,
        Map<String, Object> kv,
        long arrived,
        long timeoutMicros,
        long priority) {
    public GenerationRequest {
        sampling = Map.copyOf(sampling);
        kv = Map.copyOf(kv);
    }

    /** Of no special priority. */
    public GenerationRequest(
            BiFunction<PromptEncoder, BooleanSupplier, ModelPrompt> prompt,
            Map<String, Object> sampling,
            Map<String, Object> kv,
            long arrived,
            long timeoutMicros) {
        this(prompt, sampling, kv, arrived, timeoutMicros, 0);
    }
}
