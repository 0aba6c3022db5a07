package dev.purekv.console.openai;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Counts the tokens of one answer, and keeps what the model says of its cache. */
final class Usage {
    private static final Set<String> COUNTS = Set.of("prompt_tokens", "visual_tokens", "image_tokens", "video_tokens");

    private final JsonMapper json;
    private long promptTokens;
    private long completionTokens;
    private Map<String, Object> metrics = Map.of();

    Usage(JsonMapper json) {
        this.json = json;
    }

    void add(Part part) {
        promptTokens = Math.max(promptTokens, part.promptTokens());
        completionTokens += part.completionTokens();
        if (!part.metrics().isEmpty()) {
            metrics = part.metrics();
        }
    }

    /**
     * OpenAI's {@code usage}. Its details also tell, where the model does, how many tokens of the prompt were text and how many
     * pictures and clips, together and apart, and how many tokens' worth of cache the prompt kept, on average over the layers.
     */
    ObjectNode counts() {
        ObjectNode usage = json.createObjectNode()
                .put("prompt_tokens", promptTokens)
                .put("completion_tokens", completionTokens)
                .put("total_tokens", promptTokens + completionTokens);
        ObjectNode details = usage.putObject("prompt_tokens_details").put("cached_tokens", 0);
        if (metrics.get("visual_tokens") instanceof Long visual) {
            details.put("text_tokens", promptTokens - visual).put("visual_tokens", visual);
        }
        for (String kind : new String[] {"image_tokens", "video_tokens"}) {
            if (metrics.get(kind) instanceof Long tokens) {
                details.put(kind, tokens);
            }
        }
        if (metrics.get("kv_cache_bytes") instanceof Long kept
                && metrics.get("kv_cache_bytes_full") instanceof Long full
                && full > 0) {
            details.put("kept_kv_tokens", Math.round((double) promptTokens * kept / full));
        }
        return usage;
    }

    /** What the model says of its cache, under the names of its response parameters. */
    ObjectNode cache() {
        ObjectNode cache = json.createObjectNode();
        new TreeMap<>(metrics).forEach((name, value) -> {
            if (!COUNTS.contains(name)) {
                cache.putPOJO(name, value);
            }
        });
        return cache;
    }
}
