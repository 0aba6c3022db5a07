package dev.purekv.console.keys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys as the file has them now. It is looked at with every request, so that a key that was revoked is refused at once;
 * while it cannot be read nobody is let in.
 */
final class Keys {
    private static final Logger LOG = LoggerFactory.getLogger("dev.purekv");

    private final Path path;
    private final KeyFile file;
    private volatile Loaded loaded;

    /** @throws IOException where the file is no file of keys */
    Keys(Path path) throws IOException {
        this.path = path;
        this.file = new KeyFile(path);
        this.loaded = new Loaded(stamp(), file.read());
    }

    /** What tells one state of the file from another; it is replaced, never written in place. */
    private record Stamp(Object file, Object modified, long bytes) {}

    /** @param keys null while the file cannot be read */
    private record Loaded(Stamp stamp, List<ApiKey> keys) {}

    /**
     * @return the key of this digest, or null
     * @throws KeyRefused while the file cannot be read
     */
    ApiKey find(byte[] digest) {
        ApiKey found = null;
        for (ApiKey key : current()) {
            if (key.matches(digest)) { // goes on: how long it takes shall not tell where a key stands
                found = key;
            }
        }
        return found;
    }

    private List<ApiKey> current() {
        Loaded now = loaded;
        Stamp stamp = stamp();
        if (!now.stamp().equals(stamp)) {
            now = load(stamp);
        }
        if (now.keys() == null) {
            throw KeyRefused.because(KeyRefused.Reason.UNREADABLE, "the server cannot read its keys; its log says why");
        }
        return now.keys();
    }

    private synchronized Loaded load(Stamp stamp) {
        if (!loaded.stamp().equals(stamp)) {
            List<ApiKey> keys = null;
            try {
                keys = file.read();
                LOG.info("read {} keys from {}", keys.size(), path);
            } catch (IOException e) {
                LOG.error("reading the keys failed, nobody is let in: {}", e.getMessage());
            }
            loaded = new Loaded(stamp, keys);
        }
        return loaded;
    }

    private Stamp stamp() {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return new Stamp(attributes.fileKey(), attributes.lastModifiedTime(), attributes.size());
        } catch (IOException gone) {
            return new Stamp("gone", "", 0);
        }
    }
}
