package dev.purekv.console.store;

import dev.purekv.console.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** The folder of the console's own files. Others than its owner may not look into it: it holds hashes of passwords. */
public final class StateDirectory {
    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rwx------");

    private StateDirectory() {}

    /**
     * Makes the folder where there is none.
     *
     * @return its absolute path
     * @throws SettingsException where it cannot be made, is no folder, or lets others in
     */
    public static Path open(Path wanted) {
        Path folder = wanted.toAbsolutePath().normalize();
        try {
            if (!Files.exists(folder)) {
                Files.createDirectories(folder.getParent());
                Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER));
            }
            if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
                throw refused(folder, "expected a folder that can be written, found another thing");
            }
            if (!OWNER.containsAll(Files.getPosixFilePermissions(folder))) {
                throw refused(folder, "others than its owner may look into it; chmod 700 " + folder);
            }
        } catch (IOException e) {
            throw refused(folder, "cannot be made: " + e);
        }
        return folder;
    }

    private static SettingsException refused(Path folder, String why) {
        return new SettingsException(
                "purekv.state-directory=" + folder + ": " + why,
                "Set purekv.state-directory to a folder of this user's alone; it is made where there is none.");
    }
}
