package dev.purekv.text;

import dev.purekv.ServingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the small JSON files of a checkpoint. Unknown keys are fine: checkpoints carry many. */
public final class JsonFile {
    private static final long MAX_BYTES = 256L << 20;

    private JsonFile() {}

    /** @throws ServingException NOT_FOUND when the file is missing, INVALID_REQUEST when it is not JSON */
    public static JsonNode read(Path file) {
        return readIfPresent(file)
                .orElseThrow(() -> ServingException.notFound(
                        "opening a checkpoint: expected %s, it is not there; copy the whole checkpoint", file));
    }

    public static Optional<JsonNode> readIfPresent(Path file) {
        return text(file).map(text -> {
            try {
                return JsonMapper.shared().readTree(text);
            } catch (JacksonException e) {
                throw ServingException.invalid(
                        "opening a checkpoint: expected JSON in %s, got %s", file, e.getOriginalMessage());
            }
        });
    }

    /** @return the file's text; empty when there is no such file */
    static Optional<String> text(Path file) {
        try {
            if (!Files.isRegularFile(file)) {
                return Optional.empty();
            }
            if (Files.size(file) > MAX_BYTES) {
                throw ServingException.invalid(
                        "opening a checkpoint: expected at most %d bytes in %s, got %d",
                        MAX_BYTES, file, Files.size(file));
            }
            return Optional.of(Files.readString(file));
        } catch (IOException e) {
            throw ServingException.invalid("opening a checkpoint: %s cannot be read: %s", file, e.getMessage());
        }
    }
}
