package dev.purekv.console.tracing;

import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes traces on a thread of its own: those that bring them must not wait for a disk. */
final class TraceWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TraceWriter.class);
    private static final int WAITING = 4096;
    private static final long LAST_SECONDS = 5;

    private final TraceFile file;
    private final ThreadPoolExecutor thread;
    private final AtomicBoolean told = new AtomicBoolean();

    TraceWriter(TraceFile file) {
        this.file = file;
        thread = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), work -> {
            Thread writer = new Thread(work, "traces");
            writer.setDaemon(true);
            return writer;
        });
        thread.allowCoreThreadTimeOut(true);
    }

    /** Returns at once; a trace too many is dropped. */
    void write(String trace, long fileTraces) {
        try {
            thread.execute(() -> {
                try {
                    file.add(trace, fileTraces);
                } catch (IOException e) {
                    tell(e.toString());
                }
            });
        } catch (RejectedExecutionException e) {
            tell(WAITING + " are waiting already");
        }
    }

    private void tell(String why) {
        if (!told.getAndSet(true)) {
            LOG.warn("a trace cannot be written, and perhaps more cannot: {}", why);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        thread.shutdown();
        if (thread.awaitTermination(LAST_SECONDS, TimeUnit.SECONDS)) {
            file.close();
        }
    }
}
