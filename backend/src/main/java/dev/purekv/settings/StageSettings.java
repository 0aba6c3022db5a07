package dev.purekv.settings;

import dev.purekv.ServingException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What an operator sets for the compression stage, in config.pbtxt's {@code parameters}. It has no layers of its own, so what
 * concerns layers of a model is refused.
 *
 * @param kv where a request does not say otherwise
 * @param allowRequestOverrides whether a request may say otherwise
 */
public record StageSettings(KvSettings kv, boolean allowRequestOverrides) {
    /** The parameter that makes a model a stage. */
    public static final String KIND = "stage";

    /** Its only value. */
    public static final String KV_COMPRESSION = "kv_compression";

    /** Settings that a stage has, in config.pbtxt and in requests. */
    public static final Set<String> NAMES = Set.of(
            "kv_policy",
            "compression_ratio",
            "sink_tokens",
            "recent_tokens",
            "observation_tokens",
            "head_scores",
            "layer_budgets");

    private static final String ALLOW = "allow_request_overrides";

    /**
     * @param parameters by name, as text
     * @throws ServingException INVALID_REQUEST naming the parameter, its value and what would be right
     */
    public static StageSettings read(Map<String, String> parameters) {
        Map<String, String> own = new HashMap<>(parameters);
        String kind = own.remove(KIND);
        if (!KV_COMPRESSION.equals(kind)) {
            throw ServingException.invalid(
                    "config.pbtxt: parameter '%s' must be %s, the only stage there is, got '%s'",
                    KIND, KV_COMPRESSION, kind);
        }
        own.keySet().removeAll(NAMES);
        own.remove(ALLOW);
        if (!own.isEmpty()) {
            throw ServingException.invalid(
                    "config.pbtxt: %s", unknown(own.keySet().iterator().next(), Set.of(KIND, ALLOW)));
        }
        Map<String, String> known = new HashMap<>(parameters);
        known.remove(KIND);
        ModelSettings read = ModelSettings.read(known);
        return new StageSettings(read.kv(), read.allowRequestOverrides());
    }

    /**
     * @param overrides from a request, by name
     * @return the settings of one request
     * @throws ServingException INVALID_REQUEST naming the setting, UNSUPPORTED when this model takes none from requests
     */
    public KvSettings kvFor(Map<String, ?> overrides) {
        for (String name : overrides.keySet()) {
            if (!NAMES.contains(name)) {
                throw ServingException.invalid("%s", unknown(name, Set.of("layer", "layers")));
            }
        }
        if (!allowRequestOverrides && !overrides.isEmpty()) {
            throw ServingException.unsupported(
                    "parameters %s: this model takes its cache settings from config.pbtxt alone; leave them out, or set '%s' to "
                            + "true there",
                    new TreeSet<>(overrides.keySet()), ALLOW);
        }
        return KvSettings.read(overrides, kv);
    }

    private static String unknown(String name, Set<String> others) {
        if (KvSettings.NAMES.contains(name)) {
            return "parameter '" + name + "' concerns the layers of a model, and a stage has none: remove it";
        }
        Set<String> known = new TreeSet<>(NAMES);
        known.addAll(others);
        return "unknown parameter '" + name + "'; known are " + String.join(", ", known);
    }
}
