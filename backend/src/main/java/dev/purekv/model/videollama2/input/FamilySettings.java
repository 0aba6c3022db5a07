package dev.purekv.model.videollama2.input;

import dev.purekv.ServingException;
import dev.purekv.settings.ModelSettings;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/**
 * What an operator sets for this family alone.
 *
 * @param padding whether pictures and frames are laid on a square, as in training; the original's ready-made inference does not
 */
public record FamilySettings(CodeVersion code, boolean padding) {
    private static final String CODE = "videollama2.code";
    private static final String PADDING = "videollama2.padding";

    /** @throws ServingException INVALID_REQUEST naming the parameter, its value and what would be right */
    public static FamilySettings read(ModelSettings settings) {
        settings.requireFamily(Set.of(CODE, PADDING));
        Map<String, String> values = settings.family();
        return new FamilySettings(
                code(values.getOrDefault(CODE, CodeVersion.V1_5.word())), flag(values.getOrDefault(PADDING, "false")));
    }

    private static CodeVersion code(String word) {
        return Arrays.stream(CodeVersion.values())
                .filter(version -> version.word().equals(word))
                .findFirst()
                .orElseThrow(() -> ServingException.invalid(
                        "config.pbtxt: parameter '%s' must be v1.5 or v1.0, got '%s'", CODE, word));
    }

    private static boolean flag(String value) {
        return switch (value.strip()) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw ServingException.invalid(
                        "config.pbtxt: parameter '%s' must be true or false, got '%s'", PADDING, value);
        };
    }
}
