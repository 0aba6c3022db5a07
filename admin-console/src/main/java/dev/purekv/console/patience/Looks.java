package dev.purekv.console.patience;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at each of many again and again. What goes wrong with one is logged and ends the looks at no other. */
public final class Looks {
    private static final Logger LOG = LoggerFactory.getLogger(Looks.class);

    private Looks() {}

    /** @param all may change meanwhile */
    public static <T> void every(long millis, ScheduledExecutorService threads, Iterable<T> all, Consumer<T> look) {
        threads.scheduleWithFixedDelay(
                () -> all.forEach(each -> one(each, look)), millis, millis, TimeUnit.MILLISECONDS);
    }

    private static <T> void one(T each, Consumer<T> look) {
        try {
            look.accept(each);
        } catch (RuntimeException | OutOfMemoryError e) {
            // Left alone, the executor would drop the task, and nobody be looked at any more.
            LOG.error("looking at a client's call failed", e);
        }
    }
}
