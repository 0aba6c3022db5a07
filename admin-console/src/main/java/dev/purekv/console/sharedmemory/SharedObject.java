package dev.purekv.console.sharedmemory;

import dev.purekv.server.ServerException;
import dev.purekv.server.ServerException.Status;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * An open POSIX shared memory object. On Linux it is a file of the tmpfs at {@code /dev/shm} (shm_open(3)).
 *
 * <p>It is read and written as a file, not mapped: both see the same pages, and a client that shortens an object which is
 * mapped elsewhere ends that process by SIGBUS, while here it is a refusal.
 */
final class SharedObject implements AutoCloseable {
    private static final Path FOLDER = Path.of("/dev/shm");
    private static final int LONGEST_NAME = 255;

    private final FileChannel file;

    private SharedObject(FileChannel file) {
        this.file = file;
    }

    /** @throws ServerException INVALID_ARG when there is no such object, or it may not be used */
    static SharedObject open(String key) {
        Path path = path(key);
        try {
            // Asked first: opening a pipe would wait for its other end.
            if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                throw cannotOpen(key, "there is none on this machine");
            }
            return new SharedObject(FileChannel.open(
                    path, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
        } catch (IOException e) {
            throw cannotOpen(key, "it cannot be opened to read and write");
        }
    }

    private static Path path(String key) {
        String name = key.replaceFirst("^/+", "");
        if (name.isEmpty()
                || name.length() > LONGEST_NAME
                || name.equals(".")
                || name.equals("..")
                || name.chars().anyMatch(letter -> letter == '/' || letter == 0)) {
            throw cannotOpen(key, "expected a name without further slashes");
        }
        return FOLDER.resolve(name);
    }

    private static ServerException cannotOpen(String key, String why) {
        return new ServerException(
                Status.INVALID_ARG, "Unable to open shared memory region: '" + key.replace("\0", "\\0") + "': " + why);
    }

    long bytes() throws IOException {
        return file.size();
    }

    /** @return false when the object has become shorter */
    boolean read(long position, byte[] into) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(into);
        while (buffer.hasRemaining()) {
            if (file.read(buffer, position + buffer.position()) <= 0) {
                return false;
            }
        }
        return true;
    }

    /** @return false when the object has become shorter: it is not made longer again */
    boolean write(long position, byte[] from) throws IOException {
        if (position + from.length > file.size()) {
            return false;
        }
        ByteBuffer buffer = ByteBuffer.wrap(from);
        while (buffer.hasRemaining()) {
            file.write(buffer, position + buffer.position());
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
