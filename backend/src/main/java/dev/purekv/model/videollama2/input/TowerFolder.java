package dev.purekv.model.videollama2.input;

import dev.purekv.ServingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a vision tower's configuration is.
 *
 * @param name what {@code mm_vision_tower} says: a name on the hub, or a path of the machine that trained
 * @param path the folder inside the checkpoint, if there is one
 */
public record TowerFolder(String name, Optional<Path> path) {
    /** @throws ServingException UNSUPPORTED for a tower whose name says neither of the two kinds, as the reference tells them */
    public static TowerFolder of(Path checkpoint, String name) {
        if (!name.contains("clip") && !name.contains("siglip")) {
            throw ServingException.unsupported(
                    "opening %s: mm_vision_tower: expected a name with \"clip\" or \"siglip\" in it, got \"%s\"",
                    checkpoint, name);
        }
        return new TowerFolder(name, folder(checkpoint, name));
    }

    /** A checkpoint must not reach for files outside itself. */
    private static Optional<Path> folder(Path checkpoint, String name) {
        try {
            Path folder = checkpoint.resolve(name).normalize();
            return folder.startsWith(checkpoint.normalize()) && Files.isRegularFile(folder.resolve("config.json"))
                    ? Optional.of(folder)
                    : Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /** Whether it is a CLIP tower; otherwise a SigLIP one. */
    public boolean clip() {
        return name.contains("clip");
    }

    /** The name without what stands before it: hub owner or folders. */
    public String lastName() {
        String path = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
