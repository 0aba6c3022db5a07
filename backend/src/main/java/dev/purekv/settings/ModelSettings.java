package dev.purekv.settings;

import dev.purekv.ServingException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What an operator sets for a model, in config.pbtxt's {@code parameters}.
 *
 * @param checkpoint folder of the checkpoint, absolute or relative to the model's folder; empty to look in the version folder and
 *     then in {@code checkpoint/} beside it
 * @param device {@code cpu}, or {@code cuda:0} where LibTorch was built with CUDA
 * @param maxSequenceTokens longest sequence, prompt and answer; 0 for what the checkpoint allows
 */
public record ModelSettings(String checkpoint, String device, int maxSequenceTokens) {
    private static final Set<String> NAMES = Set.of("checkpoint", "device", "max_sequence_tokens");

    /**
     * @param parameters by name, as text
     * @throws ServingException INVALID_REQUEST naming the parameter, its value and what would be right
     */
    public static ModelSettings read(Map<String, String> parameters) {
        for (String name : parameters.keySet()) {
            if (!NAMES.contains(name)) {
                throw ServingException.invalid(
                        "config.pbtxt: unknown parameter '%s'; known are %s",
                        name, String.join(", ", new TreeSet<>(NAMES)));
            }
        }
        return new ModelSettings(
                parameters.getOrDefault("checkpoint", ""),
                device(parameters.getOrDefault("device", "cpu")),
                tokens(parameters.getOrDefault("max_sequence_tokens", "0")));
    }

    private static String device(String value) {
        if (!value.matches("cpu|cuda(:\\d+)?")) {
            throw ServingException.invalid(
                    "config.pbtxt: parameter 'device' must be cpu or cuda:<index>, got '%s'", value);
        }
        return value;
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
