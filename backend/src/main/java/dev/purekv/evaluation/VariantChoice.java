package dev.purekv.evaluation;

import dev.purekv.ServingException;
import dev.purekv.settings.KvSettings;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which variants are compared: every method at every ratio on every pattern, and settings of one's own.
 *
 * @param methods words of {@code kv_policy}, without full
 * @param ratios all at least 1
 * @param patterns names of {@link PrefillPattern#all}
 * @param own settings as {@code name=value name=value}, for purekv with a dense prefill
 * @param sparseLayer first layer that is not dense in the other patterns
 */
record VariantChoice(
        List<String> methods, List<Double> ratios, List<String> patterns, List<String> own, int sparseLayer) {
    /** Best first, as far as is known. */
    static final List<String> METHODS =
            List.of("purekv", "oracle", "value_norm", "snapkv", "pyramidkv", "h2o", "streaming_llm", "random");

    VariantChoice {
        requireKnown("--methods", methods, METHODS);
        requireKnown(
                "--prefill",
                patterns,
                PrefillPattern.all(1).stream().map(PrefillPattern::name).toList());
    }

    private static void requireKnown(String option, List<String> given, List<String> known) {
        for (String each : given) {
            if (!known.contains(each)) {
                throw ServingException.invalid("option %s: expected some of %s, got '%s'", option, known, each);
            }
        }
    }

    /**
     * @return without doubles, the full cache first, whatever is asked for
     * @throws ServingException INVALID_REQUEST for settings that no model takes
     */
    List<Variant> variants() {
        Set<Variant> all = new LinkedHashSet<>(Set.of(Variant.FULL));
        for (PrefillPattern pattern : PrefillPattern.all(sparseLayer)) {
            if (patterns.contains(pattern.name())) {
                add(pattern, all);
            }
        }
        all.forEach(Variant::kv);
        return List.copyOf(all);
    }

    private void add(PrefillPattern pattern, Set<Variant> all) {
        for (double ratio : ratios) {
            if (ratio == 1) {
                // Every method keeps everything, so one row stands for all.
                if (!pattern.pruned()) {
                    all.add(Variant.of("full", pattern, 1, Map.of()));
                }
                continue;
            }
            for (String method : methods) {
                if (method.equals("purekv") || !pattern.pruned()) {
                    all.add(Variant.of(method, pattern, ratio, Map.of("kv_policy", method)));
                }
            }
            if (pattern.equals(PrefillPattern.DENSE)) {
                own.forEach(each -> all.add(Variant.of("purekv " + each, pattern, ratio, settings(each))));
            }
        }
    }

    private static Map<String, String> settings(String text) {
        Map<String, String> settings = new LinkedHashMap<>(Map.of("kv_policy", "purekv"));
        for (String each : text.strip().split("\\s+")) {
            String[] sides = each.split("=", 2);
            if (sides.length < 2 || sides[0].equals("compression_ratio") || !KvSettings.NAMES.contains(sides[0])) {
                throw ServingException.invalid(
                        "option --variant: expected settings of the cache as 'name=value name=value', without compression_ratio,"
                                + " got '%s' in '%s'",
                        each, text);
            }
            settings.put(sides[0], sides[1]);
        }
        return settings;
    }
}
