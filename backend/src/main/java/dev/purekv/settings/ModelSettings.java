package dev.purekv.settings;

import dev.purekv.ServingException;
import dev.purekv.media.MediaLimits;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What an operator sets for a model, in config.pbtxt's {@code parameters}.
 *
 * @param checkpoint folder of the checkpoint, absolute or relative to the model's folder; empty to look in the version folder and
 *     then in {@code checkpoint/} beside it
 * @param device {@code cpu}, or {@code cuda:0} where LibTorch was built with CUDA
 * @param maxSequenceTokens longest sequence, prompt and answer; 0 for what the checkpoint allows
 * @param kvCacheBytes ceiling of all caches together; 0 for a share of the memory that is free at the load
 * @param maxConcurrentSequences answers that may be under way at once, if their caches fit; 1 to 1024
 * @param prefillShare part of the time that a prompt gets while answers are under way; 0.1 to 0.95, and the rest is theirs
 * @param media what a picture or clip of a request may cost
 * @param kv what happens to the keys and values of a prompt, where its request does not say otherwise
 * @param allowRequestOverrides whether a request may say otherwise
 * @param family what only some family of models knows: parameters whose names hold a dot, behind the family's name; whoever opens
 *     the checkpoint reads them
 */
public record ModelSettings(
        String checkpoint,
        String device,
        int maxSequenceTokens,
        long kvCacheBytes,
        int maxConcurrentSequences,
        double prefillShare,
        MediaLimits media,
        KvSettings kv,
        boolean allowRequestOverrides,
        Map<String, String> family) {
    private static final Set<String> NAMES = Set.of(
            "checkpoint",
            "device",
            "max_sequence_tokens",
            "kv_cache_bytes",
            "max_concurrent_sequences",
            "prefill_share",
            "allow_request_overrides");

    public ModelSettings {
        family = Map.copyOf(family);
    }

    /**
     * @param parameters by name, as text
     * @throws ServingException INVALID_REQUEST naming the parameter, its value and what would be right
     */
    public static ModelSettings read(Map<String, String> parameters) {
        for (String name : parameters.keySet()) {
            if (!known(name)) {
                Set<String> known = new TreeSet<>(NAMES);
                known.addAll(MediaLimitsReader.NAMES);
                known.addAll(KvSettings.NAMES);
                throw ServingException.invalid(
                        "config.pbtxt: unknown parameter '%s'; known are %s", name, String.join(", ", known));
            }
        }
        return new ModelSettings(
                parameters.getOrDefault("checkpoint", ""),
                device(parameters.getOrDefault("device", "cpu")),
                tokens(parameters.getOrDefault("max_sequence_tokens", "0")),
                bytes(parameters.getOrDefault("kv_cache_bytes", "0")),
                sequences(parameters.getOrDefault("max_concurrent_sequences", "8")),
                share(parameters.getOrDefault("prefill_share", "0.9")),
                MediaLimitsReader.read(parameters),
                kv(parameters),
                flag("allow_request_overrides", parameters.getOrDefault("allow_request_overrides", "true")),
                parameters.entrySet().stream()
                        .filter(each -> ofFamily(each.getKey()))
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    private static boolean known(String name) {
        return NAMES.contains(name)
                || MediaLimitsReader.NAMES.contains(name)
                || KvSettings.NAMES.contains(name)
                || ofFamily(name);
    }

    private static boolean ofFamily(String name) {
        return name.indexOf('.') > 0;
    }

    /**
     * Requires that only known parameters of a family are set.
     *
     * @param known names with their family's before the dot
     * @throws ServingException INVALID_REQUEST naming another one
     */
    public void requireFamily(Set<String> known) {
        for (String name : family.keySet()) {
            if (!known.contains(name)) {
                throw ServingException.invalid(
                        "config.pbtxt: unknown parameter '%s'; this model's family knows %s",
                        name, known.isEmpty() ? "none of its own" : String.join(", ", new TreeSet<>(known)));
            }
        }
    }

    private static KvSettings kv(Map<String, String> parameters) {
        Map<String, String> values = new HashMap<>(parameters);
        values.keySet().retainAll(KvSettings.NAMES);
        try {
            return KvSettings.read(values, KvSettings.DEFAULT);
        } catch (ServingException e) {
            throw ServingException.invalid("config.pbtxt: %s", e.getMessage());
        }
    }

    private static boolean flag(String name, String value) {
        return switch (value.strip()) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw ServingException.invalid(
                        "config.pbtxt: parameter '%s' must be true or false, got '%s'", name, value);
        };
    }

    /**
     * @param overrides from a request, by name
     * @param layers of the model
     * @return the settings of one request, resolved
     * @throws ServingException INVALID_REQUEST naming the setting, UNSUPPORTED when this model takes none from requests
     */
    public KvSettings kvFor(Map<String, ?> overrides, int layers) {
        if (!allowRequestOverrides && !overrides.isEmpty()) {
            throw ServingException.unsupported(
                    "parameters %s: this model takes its cache settings from config.pbtxt alone; leave them out, or set "
                            + "'allow_request_overrides' to true there",
                    new TreeSet<>(overrides.keySet()));
        }
        return KvSettings.read(overrides, kv).resolved(layers);
    }

    private static String device(String value) {
        if (!value.matches("cpu|cuda(:\\d+)?")) {
            throw ServingException.invalid(
                    "config.pbtxt: parameter 'device' must be cpu or cuda:<index>, got '%s'", value);
        }
        return value;
    }

    private static long bytes(String value) {
        return ByteCount.parse(value)
                .orElseThrow(() -> ServingException.invalid(
                        "config.pbtxt: parameter 'kv_cache_bytes' must be a count of bytes such as 2147483648 or 2GB, or 0 for a share "
                                + "of the free memory, got '%s'",
                        value));
    }

    private static int sequences(String value) {
        if (value.strip().matches("\\d{1,4}")) {
            int sequences = Integer.parseInt(value.strip());
            if (sequences >= 1 && sequences <= 1024) {
                return sequences;
            }
        }
        throw ServingException.invalid(
                "config.pbtxt: parameter 'max_concurrent_sequences' must be a number from 1 to 1024, got '%s'", value);
    }

    private static double share(String value) {
        // Not Double.parseDouble alone, which takes NaN, hexadecimal and a trailing d as well.
        if (value.strip().matches("0?\\.\\d{1,6}")) {
            double share = Double.parseDouble(value.strip());
            if (share >= 0.1 && share <= 0.95) {
                return share;
            }
        }
        throw ServingException.invalid(
                "config.pbtxt: parameter 'prefill_share' must be a number from 0.1 to 0.95, got '%s': it is the part of the time that "
                        + "a waiting prompt gets while answers are under way",
                value);
    }

    private static int tokens(String value) {
        try {
            int tokens = Integer.parseInt(value.strip());
            if (tokens >= 0) {
                return tokens;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw ServingException.invalid(
                "config.pbtxt: parameter 'max_sequence_tokens' must be a count of tokens, or 0 for the checkpoint's own limit, got '%s'",
                value);
    }
}
