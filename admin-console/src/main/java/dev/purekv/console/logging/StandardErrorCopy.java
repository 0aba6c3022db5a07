package dev.purekv.console.logging;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies files of log on to the standard error, one after the other, and deletes each when all of it is there. */
final class StandardErrorCopy implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StandardErrorCopy.class);
    private static final Path END = Path.of("");
    private static final long PATIENCE_MILLIS = TimeUnit.SECONDS.toMillis(2);

    private final OutputStream standardError;
    private final BlockingQueue<Path> files = new LinkedBlockingQueue<>();
    private final AtomicLong behind = new AtomicLong();
    private final Thread thread = new Thread(this::work, "triton-log-copy");

    StandardErrorCopy(OutputStream standardError) {
        this.standardError = standardError;
        thread.setDaemon(true);
        thread.start();
    }

    /** @param file to which nobody writes any more */
    void add(Path file) {
        behind.addAndGet(file.toFile().length());
        files.add(file);
    }

    /** How many bytes are not copied yet: more and more where nobody reads the standard error. */
    long behind() {
        return behind.get();
    }

    private void work() {
        try {
            for (Path file = files.take(); file != END; file = files.take()) {
                copy(file);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void copy(Path file) {
        long size = file.toFile().length();
        try {
            Files.copy(file, standardError);
            standardError.flush();
            Files.delete(file);
        } catch (IOException e) {
            LOG.warn(
                    "lines of Triton's cannot be copied to the standard error, they stay in {}: {}",
                    file,
                    e.toString());
        }
        behind.addAndGet(-size);
    }

    /** Waits a moment for what is not copied; the rest stays in its files. */
    @Override
    public void close() {
        files.add(END);
        try {
            thread.join(PATIENCE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
