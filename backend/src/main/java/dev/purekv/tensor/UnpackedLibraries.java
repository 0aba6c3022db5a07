package dev.purekv.tensor;

import java.io.IOException;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder into which JavaCPP unpacks native libraries, one folder a jar below it, kept from start to start.
 *
 * <p>A process that was killed while it unpacked leaves a file cut short there. The dynamic linker maps it on behalf of another library
 * before JavaCPP looks at it, and every later start dies of SIGBUS. So files whose size is not that of the jar's entry are removed
 * first.
 */
final class UnpackedLibraries {
    private static final Logger LOG = LoggerFactory.getLogger(UnpackedLibraries.class);

    private UnpackedLibraries() {}

    /** Before anything native is loaded. What cannot be looked at is left to those who load it. */
    static void discardBroken() {
        try {
            discardBroken(Loader.getCacheDir().toPath());
        } catch (IOException e) {
            LOG.debug("the folder of unpacked libraries cannot be checked", e);
        }
    }

    static void discardBroken(Path cache) throws IOException {
        // JavaCPP's own lock: what is cut short while nobody else unpacks will stay so.
        try (FileChannel lock =
                        FileChannel.open(cache.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = lock.lock();
                Stream<Path> files = Files.walk(cache)) {
            List<Path> unpacked = files.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .filter(file -> cache.relativize(file).getNameCount() > 1)
                    .toList();
            for (Path file : unpacked) {
                if (broken(cache, file)) {
                    LOG.warn("{} was unpacked in part only and is removed", file);
                    Files.delete(file);
                }
            }
        }
    }

    /** Files of other programs, and those that JavaCPP renamed, are no entries here and pass. */
    private static boolean broken(Path cache, Path file) throws IOException {
        Path relative = cache.relativize(file);
        URL entry = UnpackedLibraries.class
                .getClassLoader()
                .getResource(relative.subpath(1, relative.getNameCount()).toString());
        if (entry == null || !entry.toString().contains(relative.getName(0).toString())) {
            return false;
        }
        long bytes = entry.openConnection().getContentLengthLong();
        return bytes >= 0 && bytes != Files.size(file);
    }
}
