package dev.purekv.console.evaluation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.springframework.util.FileSystemUtils;

/** Removing of folders. */
final class Folders {
    private Folders() {}

    /** With all that is in it; nothing that links in it lead to. */
    static void remove(Path folder) {
        try {
            FileSystemUtils.deleteRecursively(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("removing " + folder, e);
        }
    }
}
