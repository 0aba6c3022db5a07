package dev.purekv.settings;

import dev.purekv.ServingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** Reads {@link KvSettings} by name: from config.pbtxt all values are text, from requests some are typed. */
final class KvSettingsReader {
    private static final String LAYERS = "a layer index or several, separated by commas";

    private final Map<String, ?> values;

    KvSettingsReader(Map<String, ?> values) {
        this.values = values;
    }

    KvSettings read(KvSettings base) {
        return new KvSettings(
                choice("kv_policy", base.policy(), KvPolicy.values()),
                decimal("compression_ratio", base.compressionRatio()),
                layers("clie_layer", base.clieLayers()),
                layer("sparse_attention_layer", base.sparseAttentionLayer()),
                flag("spatial", base.spatial()),
                flag("temporal", base.temporal()),
                window("temporal_window", base.temporalWindow()),
                layer("token_pruning_layer", base.tokenPruningLayer()),
                count("sink_tokens", base.sinkTokens()),
                count("recent_tokens", base.recentTokens()),
                count("observation_tokens", base.observationTokens()),
                choice("head_scores", base.headScores(), HeadScores.values()),
                choice("layer_budgets", base.layerBudgets(), LayerBudgets.values()));
    }

    private <T extends Word> T choice(String name, T fallback, T[] all) {
        Object value = values.get(name);
        if (value == null) {
            return fallback;
        }
        for (T each : all) {
            if (each.word().equals(text(value))) {
                return each;
            }
        }
        throw expected(name, "one of " + Arrays.stream(all).map(Word::word).collect(Collectors.joining(", ")));
    }

    private double decimal(String name, double fallback) {
        Object value = values.get(name);
        if (value == null) {
            return fallback;
        }
        double number = value instanceof Number given ? given.doubleValue() : parsed(name, text(value));
        if (!Double.isFinite(number)) {
            throw expected(name, "a number");
        }
        return number;
    }

    private double parsed(String name, String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw expected(name, "a number");
        }
    }

    private int count(String name, int fallback) {
        Object value = values.get(name);
        return value == null ? fallback : whole(name, value, "a whole number of tokens");
    }

    private OptionalInt layer(String name, OptionalInt fallback) {
        Object value = values.get(name);
        if (value == null) {
            return fallback;
        }
        return text(value).equals("off")
                ? OptionalInt.empty()
                : OptionalInt.of(whole(name, value, "off, or a layer index"));
    }

    private int window(String name, int fallback) {
        Object value = values.get(name);
        if (value == null) {
            return fallback;
        }
        String wanted = "all, or 1 or more slices";
        int slices = text(value).equals("all") ? 0 : whole(name, value, wanted);
        if (slices == 0 && !text(value).equals("all")) {
            throw expected(name, wanted);
        }
        return slices;
    }

    private List<Integer> layers(String name, List<Integer> fallback) {
        Object value = values.get(name);
        if (value == null) {
            return fallback;
        }
        List<?> parts =
                value instanceof List<?> list ? list : List.of(text(value).split(",", -1));
        List<Integer> layers = new ArrayList<>();
        for (Object part : parts) {
            layers.add(whole(name, part, LAYERS));
        }
        if (layers.isEmpty()) {
            throw expected(name, LAYERS);
        }
        return layers;
    }

    private boolean flag(String name, boolean fallback) {
        Object value = values.get(name);
        return value == null
                ? fallback
                : switch (text(value)) {
                    case "true", "1" -> true;
                    case "false", "0" -> false;
                    default -> throw expected(name, "true or false");
                };
    }

    private int whole(String name, Object value, String wanted) {
        try {
            double number = value instanceof Number given ? given.doubleValue() : Integer.parseInt(text(value));
            if (number == Math.rint(number) && Math.abs(number) <= Integer.MAX_VALUE) {
                return (int) number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw expected(name, wanted);
    }

    private static String text(Object value) {
        return String.valueOf(value).strip().toLowerCase(Locale.ROOT);
    }

    private ServingException expected(String name, String what) {
        String shown = String.valueOf(values.get(name));
        return ServingException.invalid(
                "parameter '%s' must be %s, got '%s'",
                name, what, shown.length() > 80 ? shown.substring(0, 80) + "..." : shown);
    }
}
