package dev.purekv.engine;

import dev.purekv.ServingException;
import dev.purekv.model.GenerationDefaults;
import dev.purekv.settings.KvSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads sampling parameters by name. Clients send numbers as numbers or as text ("0.1"), and whole numbers for decimals;
 * all are taken. Names that nobody knows are refused, because a misspelt limit is worse than an error.
 */
public final class SamplingReader {
    /** Every name that {@link #read} understands. */
    public static final Set<String> NAMES = Set.of(
            "max_tokens",
            "min_tokens",
            "temperature",
            "top_p",
            "top_k",
            "min_p",
            "seed",
            "repetition_penalty",
            "frequency_penalty",
            "presence_penalty",
            "stop",
            "ignore_eos",
            "skip_special_tokens",
            "logprobs",
            "max_seconds",
            "n",
            "best_of");

    private final Map<String, Object> values;

    private SamplingReader(Map<String, Object> values) {
        this.values = values;
    }

    /**
     * @param values String, Number, Boolean, or for {@code stop} a list of strings, by name
     * @throws ServingException INVALID_REQUEST naming the parameter, what is expected and what was found
     */
    public static Sampling read(Map<String, Object> values, GenerationDefaults defaults) {
        for (String name : values.keySet()) {
            if (!NAMES.contains(name)) {
                throw ServingException.invalid(
                        "unknown parameter '%s'; known are %s, and for the cache %s",
                        name,
                        String.join(", ", new TreeSet<>(NAMES)),
                        String.join(", ", new TreeSet<>(KvSettings.NAMES)));
            }
        }
        return new SamplingReader(values).sampling(defaults);
    }

    private Sampling sampling(GenerationDefaults defaults) {
        for (String name : List.of("n", "best_of")) {
            if (whole(name, 1) != 1) {
                throw ServingException.unsupported(
                        "parameter '%s' must be 1: this server gives one answer a request", name);
            }
        }
        int maxTokens = whole("max_tokens", Math.max(defaults.maxNewTokens(), whole("min_tokens", 0)));
        return new Sampling(
                maxTokens,
                whole("min_tokens", 0),
                decimal("temperature", defaults.temperature()),
                decimal("top_p", defaults.topP()),
                Math.max(0, whole("top_k", defaults.topK())), // vLLM writes "no limit" as -1
                decimal("min_p", 0),
                values.get("seed") == null ? null : integer("seed", 0),
                decimal("repetition_penalty", defaults.repetitionPenalty()),
                decimal("frequency_penalty", 0),
                decimal("presence_penalty", 0),
                texts("stop"),
                flag("ignore_eos", false),
                flag("skip_special_tokens", true),
                values.get("logprobs") == null ? null : (Integer) whole("logprobs", 0),
                values.get("max_seconds") == null ? null : (Double) decimal("max_seconds", 0));
    }

    private int whole(String name, int fallback) {
        long value = integer(name, fallback);
        if (value < Integer.MIN_VALUE || value > Integer.MAX_VALUE) {
            throw expected(name, "a whole number of at most " + Integer.MAX_VALUE);
        }
        return (int) value;
    }

    private long integer(String name, long fallback) {
        if (values.get(name) instanceof Long value) {
            return value; // exact: a seed of 64 bits does not fit a double
        }
        double value = decimal(name, fallback);
        if (value != Math.rint(value) || Math.abs(value) > 9.0e18) {
            throw expected(name, "a whole number");
        }
        return (long) value;
    }

    private double decimal(String name, double fallback) {
        Object value = values.get(name);
        if (value == null) {
            return fallback;
        }
        if (value instanceof Number number) {
            return finite(name, number.doubleValue());
        }
        if (value instanceof String text) {
            try {
                return finite(name, Double.parseDouble(text.strip()));
            } catch (NumberFormatException e) {
                throw expected(name, "a number");
            }
        }
        throw expected(name, "a number");
    }

    private double finite(String name, double value) {
        if (!Double.isFinite(value)) {
            throw expected(name, "a finite number");
        }
        return value;
    }

    private boolean flag(String name, boolean fallback) {
        Object value = values.get(name);
        if (value == null) {
            return fallback;
        }
        if (value instanceof Boolean flag) {
            return flag;
        }
        return switch (String.valueOf(value).strip().toLowerCase(java.util.Locale.ROOT)) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw expected(name, "true or false");
        };
    }

    private List<String> texts(String name) {
        Object value = values.get(name);
        if (value == null) {
            return List.of();
        }
        if (value instanceof String text) {
            return List.of(text);
        }
        if (value instanceof List<?> list) {
            List<String> texts = new ArrayList<>();
            for (Object each : list) {
                if (!(each instanceof String text)) {
                    throw expected(name, "a text or a list of texts");
                }
                texts.add(text);
            }
            return texts;
        }
        throw expected(name, "a text or a list of texts");
    }

    private ServingException expected(String name, String what) {
        Object value = values.get(name);
        String shown = String.valueOf(value);
        return ServingException.invalid(
                "parameter '%s' must be %s, got %s",
                name, what, shown.length() > 80 ? shown.substring(0, 80) + "..." : shown);
    }
}
