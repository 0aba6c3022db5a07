package dev.purekv.model.input;

import dev.purekv.ServingException;
import dev.purekv.model.GenerationDefaults;
import dev.purekv.text.JsonFile;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * Reads {@code generation_config.json}. What is missing there has transformers' defaults: greedy, no penalty, no limit on
 * candidates (its top_k of 50 counts only where sampling is on); end tokens are then looked up in {@code config.json}.
 */
public final class GenerationConfigReader {
    private static final int MAX_NEW_TOKENS = 512;
    private static final int TOP_K = 50;

    private GenerationConfigReader() {}

    /** @throws ServingException INVALID_REQUEST when no end token is stated anywhere: an answer would never end */
    public static GenerationDefaults read(Path checkpoint) {
        JsonNode file = optional(checkpoint.resolve("generation_config.json"));
        JsonNode config = optional(checkpoint.resolve("config.json"));
        boolean sample = file.path("do_sample").asBoolean(false);
        return new GenerationDefaults(
                endTokens(checkpoint, file, config.path("text_config"), config),
                file.path("max_new_tokens").asInt(MAX_NEW_TOKENS),
                sample ? file.path("temperature").asDouble(1.0) : 0.0,
                file.path("top_p").asDouble(1.0),
                sample ? file.path("top_k").asInt(TOP_K) : 0,
                file.path("repetition_penalty").asDouble(1.0));
    }

    private static JsonNode optional(Path file) {
        return JsonFile.readIfPresent(file).orElse(MissingNode.getInstance());
    }

    private static Set<Integer> endTokens(Path checkpoint, JsonNode... places) {
        Set<Integer> ids = new LinkedHashSet<>();
        for (JsonNode place : places) {
            JsonNode end = place.path("eos_token_id");
            if (end.isInt()) {
                ids.add(end.asInt());
            }
            end.forEach(id -> ids.add(id.asInt()));
            if (!ids.isEmpty()) {
                return ids;
            }
        }
        throw ServingException.invalid(
                "opening %s: expected eos_token_id in generation_config.json or config.json, found none", checkpoint);
    }
}
