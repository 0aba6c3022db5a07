package dev.purekv.evaluation;

import dev.purekv.settings.KvSettings;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One row of a comparison.
 *
 * @param method without the ratio, so that a curve over ratios has one name
 * @param prefill {@link PrefillPattern#name}
 * @param settings by name, as in config.pbtxt
 */
record Variant(String method, String prefill, double ratio, Map<String, String> settings) {
    /** Nothing cut, nothing left out: what all others are compared with. */
    static final Variant FULL = of("full", PrefillPattern.DENSE, 1, Map.of());

    Variant {
        settings = Map.copyOf(settings);
    }

    static Variant of(String method, PrefillPattern prefill, double ratio, Map<String, String> own) {
        Map<String, String> settings = new LinkedHashMap<>(prefill.settings());
        settings.putAll(own);
        settings.put("compression_ratio", Double.toString(ratio));
        return new Variant(method, prefill.name(), ratio, settings);
    }

    /** What tells it from every variant that would compute something else: all settings, so that a new default is another variant. */
    String key() {
        return kv().toString();
    }

    KvSettings kv() {
        return KvSettings.read(settings, KvSettings.DEFAULT);
    }
}
