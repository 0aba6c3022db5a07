package dev.purekv.triton;

import dev.purekv.ServingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Finds a model's checkpoint: where the settings say, else in the version folder, else in {@code checkpoint/}. */
final class CheckpointFolder {
    private CheckpointFolder() {}

    /** @throws ServingException NOT_FOUND naming every folder that was looked into */
    static Path find(Path modelFolder, long version, String setting) {
        List<Path> candidates = setting.isEmpty()
                ? List.of(modelFolder.resolve(Long.toString(version)), modelFolder.resolve("checkpoint"))
                : List.of(modelFolder.resolve(setting).normalize());
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
}
