package dev.purekv.console.logging;

import dev.purekv.console.settings.PureKvSettings;
import dev.purekv.console.store.StateDirectory;
import dev.purekv.server.ServerException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Leads Triton's log past the tail. Triton writes to a file; as soon as something is in it Triton gets the next one, what the full
 * one holds is shown, copied to the standard error and deleted. So a file lives for a fraction of a second, and what is left after a
 * process died is what nobody had seen: the next start brings it. Decision 0028 tells why so.
 */
@Component
public final class TritonSpool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TritonSpool.class);
    private static final long EVERY_MILLIS = 200;
    private static final long MOST_BEHIND = 4L << 20;
    private static final long LEAST_FREE = 8L << 20;
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Where Triton can be told to write its log. */
    public interface Target {
        /** @throws ServerException when it cannot be opened; the log then goes where it went */
        void file(Path file);

        void standardError();
    }

    private final Path stateDirectory;
    private final LogTail tail;
    private final StandardErrorCopy copy;
    private final long mostBehind;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "triton-log");
        thread.setDaemon(true);
        return thread;
    });
    private Target triton; // null until the start
    private Path folder;
    private FileChannel lock;
    private Path current; // null while Triton writes to the standard error itself
    private long made;
    private long notBefore = System.nanoTime(); // is a file tried again after one failed

    @Autowired
    TritonSpool(PureKvSettings settings, LogTail tail) {
        this(settings.stateDirectory(), tail, new FileOutputStream(FileDescriptor.err), MOST_BEHIND);
    }

    /** @param mostBehind bytes in files; with more, Triton writes to the standard error itself, and waits for it as without us */
    TritonSpool(Path stateDirectory, LogTail tail, OutputStream standardError, long mostBehind) {
        this.stateDirectory = stateDirectory;
        this.tail = tail;
        this.copy = new StandardErrorCopy(standardError);
        this.mostBehind = mostBehind;
    }

    /** Begins, before Triton starts: what it says then is shown too. */
    public synchronized void start(Target target) {
        triton = target;
        try {
            folder = Files.createDirectories(StateDirectory.open(stateDirectory).resolve("triton-log"));
            if (!lockFolder()) {
                LOG.warn("another server writes to {}: Triton's lines are on the standard error alone", folder);
                return;
            }
            bringWhatIsLeft();
            next();
        } catch (IOException | ServerException e) {
            giveUp(e.toString());
        }
        timer.scheduleWithFixedDelay(this::safeTurn, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private boolean lockFolder() throws IOException {
        lock = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            return lock.tryLock() != null;
        } catch (OverlappingFileLockException inThisProcess) {
            return false;
        }
    }

    private void bringWhatIsLeft() throws IOException {
        List<Path> left;
        try (Stream<Path> files = Files.list(folder)) {
            left = files.filter(each -> each.toString().endsWith(".log"))
                    .sorted()
                    .toList();
        }
        for (Path each : left) {
            take(each, Files.getLastModifiedTime(each).toInstant());
        }
    }

    /** Whatever happens to this thread, Triton is not left with a file that nobody reads. */
    private synchronized void safeTurn() {
        boolean done = false;
        try {
            turn();
            done = true;
        } finally {
            if (!done) {
                triton.standardError();
            }
        }
    }

    private void turn() {
        Path before = current;
        boolean deleted = before != null && Files.notExists(before);
        if (deleted) {
            LOG.warn("somebody deleted {}: lines of Triton's may be missing", before);
        } else if (before != null && before.toFile().length() == 0) {
            return;
        }
        try {
            if (copy.behind() > mostBehind) {
                giveUp("nobody reads the standard error");
            } else if (folder.toFile().getUsableSpace() < LEAST_FREE) {
                giveUp("the disk of " + folder + " is almost full");
            } else if (System.nanoTime() - notBefore >= 0) {
                next();
            }
        } catch (ServerException e) {
            notBefore = System.nanoTime() + RETRY_NANOS;
            giveUp(e.toString());
        }
        if (before != null && !deleted) {
            take(before, Instant.now());
        }
    }

    private void next() {
        Path file = folder.resolve(String.format("%015d-%09d.log", System.currentTimeMillis(), made++));
        triton.file(file);
        current = file;
    }

    /** Triton is asked once only: while it waits for a standard error that nobody reads, whoever asks waits with it. */
    private void giveUp(String why) {
        if (current != null) {
            triton.standardError();
            current = null;
            LOG.warn("Triton's lines go to the standard error alone for now, and not to this page: {}", why);
        }
    }

    private void take(Path file, Instant at) {
        try {
            TritonLines.latest(file, at).forEach(tail::triton);
        } catch (IOException e) {
            LOG.warn("lines of Triton's cannot be read: {}", e.toString());
        }
        copy.add(file);
    }

    @Override
    public void close() {
        timer.shutdown();
        synchronized (this) {
            if (current != null) {
                triton.standardError();
                take(current, Instant.now());
                current = null;
            }
        }
        copy.close();
        release();
    }

    private void release() {
        try {
            if (lock != null) {
                lock.close();
            }
        } catch (IOException e) {
            LOG.debug("the lock of {} ends with the process", folder, e);
        }
    }
}
