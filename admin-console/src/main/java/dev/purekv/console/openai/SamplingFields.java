package dev.purekv.console.openai;

import dev.purekv.settings.KvSettings;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How tokens are chosen and the cache is cut, as the model's {@code sampling_parameters} have it. OpenAI's own names are the
 * model's as well; those of vLLM that OpenAI lacks are taken too.
 */
final class SamplingFields {
    private static final List<String> NUMBERS = List.of(
            "temperature",
            "top_p",
            "frequency_penalty",
            "presence_penalty",
            "top_k",
            "min_p",
            "repetition_penalty",
            "min_tokens",
            "seed",
            "max_seconds");
    private static final List<String> FLAGS = List.of("ignore_eos", "skip_special_tokens");
    private static final double HOTTEST = 2; // of OpenAI's; the models take more
    private static final String OWN = "purekv";
    private static final String METRICS = "return_kv_metrics";
    private static final Set<String> LIMITS = Set.of("max_completion_tokens", "max_tokens");

    private final Fields fields;

    SamplingFields(Fields fields) {
        this.fields = fields;
    }

    /** Whether the answer shall say what became of the cache. */
    boolean wantsMetrics() {
        return fields.object(OWN).map(own -> own.flag(METRICS)).orElse(false);
    }

    /**
     * @param into takes what the request says
     * @throws ApiError 400 for a value of the wrong type, or a setting of the cache that nobody knows
     */
    void write(ObjectNode into) {
        for (String name : NUMBERS) {
            fields.get(name).ifPresent(value -> {
                if (!value.isNumber()) {
                    throw Fields.wrong(name, "a number", value);
                }
                if (name.equals("temperature") && value.asDouble() > HOTTEST) {
                    throw ApiError.invalid(name, "'temperature' must be 0 to 2, got " + value);
                }
                into.set(name, value);
            });
        }
        for (String name : FLAGS) {
            if (fields.has(name)) {
                into.put(name, fields.flag(name));
            }
        }
        // The newer name wins where both are given.
        for (String name : new TreeSet<>(LIMITS).descendingSet()) {
            fields.count(name).ifPresent(count -> {
                if (count < 1) {
                    throw ApiError.invalid(name, "'" + name + "' must be at least 1, got " + count);
                }
                into.put("max_tokens", count);
            });
        }
        fields.get("stop").ifPresent(stop -> stop(into, stop));
        fields.object(OWN).ifPresent(own -> own(into, own));
    }

    private static void stop(ObjectNode into, JsonNode stop) {
        boolean texts = stop.isString() || stop.isArray() && stop.valueStream().allMatch(JsonNode::isString);
        if (!texts) {
            throw Fields.wrong("stop", "a string or a list of strings", stop);
        }
        into.set("stop", stop);
    }

    private static void own(ObjectNode into, Fields own) {
        for (String name : own.request().propertyNames()) {
            if (!name.equals(METRICS) && !KvSettings.NAMES.contains(name)) {
                throw ApiError.invalid(
                        OWN + "." + name,
                        "unknown setting '" + OWN + "." + name + "'; known are " + METRICS + " and "
                                + String.join(", ", new TreeSet<>(KvSettings.NAMES)));
            }
            if (!name.equals(METRICS)) {
                own.get(name).ifPresent(value -> into.set(name, value));
            }
        }
    }
}
