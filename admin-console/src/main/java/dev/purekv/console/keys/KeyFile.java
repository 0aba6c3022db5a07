package dev.purekv.console.keys;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The file of keys, JSON. Writers take turns, by a lock beside it, and replace it whole, readable by its owner alone; so
 * readers see one state or the other.
 */
final class KeyFile {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    private static final Set<PosixFilePermission> OTHERS_WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    /** A process cannot wait for a lock that it holds itself. */
    private static final Object ONE_AT_A_TIME = new Object();

    private final Path path;

    KeyFile(Path path) {
        this.path = path.toAbsolutePath();
    }

    /** The file's content. */
    private record Content(List<ApiKey> keys) {}

    /**
     * @return the keys
     * @throws IOException naming the file, for one that is not there, is broken, or that others may write
     */
    List<ApiKey> read() throws IOException {
        for (PosixFilePermission permission : Files.getPosixFilePermissions(path)) {
            if (OTHERS_WRITE.contains(permission)) {
                throw new IOException(path + ": others than its owner may write it; chmod 600 " + path);
            }
        }
        try {
            List<ApiKey> keys = JSON.readValue(path.toFile(), Content.class).keys();
            if (keys == null || keys.contains(null)) {
                throw new IOException(path + ": expected {\"keys\": [...]}");
            }
            return List.copyOf(keys);
        } catch (JacksonException e) {
            throw new IOException(path + ": " + e.getOriginalMessage(), e);
        }
    }

    /** Changes the keys, from none where there is no file yet. */
    void change(UnaryOperator<List<ApiKey>> change) throws IOException {
        Path lock = path.resolveSibling(path.getFileName() + ".lock");
        synchronized (ONE_AT_A_TIME) {
            changeLocked(lock, change);
        }
    }

    private void changeLocked(Path lock, UnaryOperator<List<ApiKey>> change) throws IOException {
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            if (!held.isValid()) {
                throw new IOException(lock + ": cannot be locked");
            }
            write(change.apply(new ArrayList<>(Files.exists(path) ? read() : List.of())));
        }
    }

    private void write(List<ApiKey> keys) throws IOException {
        Path fresh = Files.createTempFile(path.getParent(), ".keys", ".json"); // 600 by its contract
        try {
            try (FileChannel out = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                out.write(ByteBuffer.wrap(JSON.writeValueAsBytes(new Content(keys))));
                out.force(true);
            }
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}
