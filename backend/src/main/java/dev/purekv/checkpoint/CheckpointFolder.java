package dev.purekv.checkpoint;

import dev.purekv.ServingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/** Finds a model's checkpoint: where the settings say, else in the version folder, else in {@code checkpoint/}. */
public final class CheckpointFolder {
    private CheckpointFolder() {}

    /**
     * @param modelFolder of the model repository
     * @param setting {@code checkpoint} of its config.pbtxt; empty where it says none
     * @throws ServingException NOT_FOUND naming every folder that was looked into
     */
    public static Path find(Path modelFolder, long version, String setting) {
        List<Path> candidates = candidates(modelFolder, version, setting);
        for (Path candidate : candidates) {
            if (Files.isRegularFile(candidate.resolve("config.json"))) {
                return candidate;
            }
        }
        throw ServingException.notFound(
                "no checkpoint: expected a Hugging Face folder with config.json in one of %s; copy it there, or name its folder in "
                        + "config.pbtxt: parameters { key: \"checkpoint\" value { string_value: \"/path\" } }",
                candidates);
    }

    private static List<Path> candidates(Path modelFolder, long version, String setting) {
        try {
            return setting.isEmpty()
                    ? List.of(modelFolder.resolve(Long.toString(version)), modelFolder.resolve("checkpoint"))
                    : List.of(modelFolder.resolve(setting).normalize());
        } catch (InvalidPathException e) {
            throw ServingException.invalid(
                    "config.pbtxt: parameter 'checkpoint' must be a path of this host, got '%s': %s; for a path beyond ASCII start "
                            + "the server with LC_ALL=C.UTF-8",
                    setting, e.getReason());
        }
    }
}
