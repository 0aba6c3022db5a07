package dev.purekv.evaluation;

import dev.purekv.settings.KvSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One row of a comparison.
 *
 * @param method without the ratio, so that a curve over ratios has one name
 * @param settings by name, as in config.pbtxt
 */
record Variant(String method, double ratio, Map<String, String> settings) {
    static final Variant FULL = new Variant("full", 1, Map.of("kv_policy", "full"));

    private static final List<String> POLICIES =
            List.of("purekv", "oracle", "value_norm", "snapkv", "pyramidkv", "h2o", "streaming_llm", "random");

    Variant {
        settings = Map.copyOf(settings);
    }

    String name() {
        return method + " " + ratio;
    }

    KvSettings kv() {
        return KvSettings.read(settings, KvSettings.DEFAULT);
    }

    /** Every method at every ratio, and what switching one part of purekv does. */
    static List<Variant> all(List<Double> ratios) {
        List<Variant> all = new ArrayList<>(List.of(FULL));
        for (double ratio : ratios) {
            POLICIES.forEach(policy -> all.add(of(policy, ratio, Map.of("kv_policy", policy))));
            all.add(of("purekv, scores per head", ratio, Map.of("head_scores", "per_head")));
            for (String layer : List.of("2", "4")) {
                all.add(of("purekv, source " + layer, ratio, Map.of("clie_layer", layer)));
            }
        }
        sparse().forEach((name, settings) -> {
            all.add(new Variant(name, 1, settings));
            ratios.forEach(ratio -> all.add(of(name, ratio, settings)));
        });
        return all;
    }

    /** Purekv with spatial-temporal sparse attention, whole and each half of it. */
    private static Map<String, Map<String, String>> sparse() {
        Map<String, Map<String, String>> all = new LinkedHashMap<>();
        Map<String, String> whole = Map.of("clie_layer", "2,4", "sparse_attention_layer", "5");
        all.put("purekv, sparse from 5", whole);
        all.put("purekv, spatial alone", with(whole, "temporal"));
        all.put("purekv, temporal alone", with(whole, "spatial"));
        return all;
    }

    private static Map<String, String> with(Map<String, String> settings, String off) {
        Map<String, String> all = new LinkedHashMap<>(settings);
        all.put(off, "false");
        return all;
    }

    private static Variant of(String method, double ratio, Map<String, String> settings) {
        Map<String, String> whole = new LinkedHashMap<>(settings);
        whole.put("compression_ratio", Double.toString(ratio));
        return new Variant(method, ratio, whole);
    }
}
