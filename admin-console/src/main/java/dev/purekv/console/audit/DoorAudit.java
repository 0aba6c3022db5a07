package dev.purekv.console.audit;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Notes what programs change through the doors. A door works without the console's store: notes are written behind its back, and what
 * cannot be noted there goes to the log.
 */
@Component
public final class DoorAudit implements DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(DoorAudit.class);
    private static final int WAITING = 1000;
    private static final long LAST_NOTES_MILLIS = 2000;

    private final Audit audit;
    private final ExecutorService writer =
            new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), work -> {
                Thread thread = new Thread(work, "door-audit");
                thread.setDaemon(true);
                return thread;
            });

    DoorAudit(Audit audit) {
        this.audit = audit;
    }

    /**
     * Who changes something through a door.
     *
     * @param key name of the API key; empty where none is asked for
     */
    public record Program(String key) {
        private String actor() {
            return key.isEmpty() ? "anyone" : "key " + key;
        }
    }

    /** Does the work, which may throw, and notes it. What strangers were refused is not noted: they could fill the store with it. */
    public void change(Program who, String action, String subject, String detail, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            if (!who.key().isEmpty()) {
                note(() -> audit.refusedTo(who.actor(), action, subject, String.valueOf(e.getMessage())));
            }
            throw e;
        }
        note(() -> audit.doneBy(who.actor(), action, subject, detail));
    }

    private void note(Runnable entry) {
        try {
            writer.execute(() -> {
                try {
                    entry.run();
                } catch (RuntimeException e) {
                    LOG.warn("a change through a door cannot be noted in the audit log", e);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.warn("a change through a door is not in the audit log: {} wait to be noted", WAITING);
        }
    }

    @Override
    public void destroy() throws InterruptedException {
        writer.shutdown();
        if (!writer.awaitTermination(LAST_NOTES_MILLIS, TimeUnit.MILLISECONDS)) {
            writer.shutdownNow();
        }
    }
}
