package dev.purekv.triton;

import dev.purekv.server.ServerException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a model alive a moment longer than each execution. Triton takes an instance off its thread's list to execute and puts it back
 * afterwards; a model whose last request ended within its execution can be unloaded before that, and then the list is read
 * empty and the process dies (core r24.10, {@code TritonBackendThread::StopBackendThread}). A response factory holds the model.
 */
final class ExecutionGuard {
    private static final Logger LOG = LoggerFactory.getLogger(ExecutionGuard.class);

    /** From the end of our part of an execution; Triton's own takes microseconds, but its thread may have to wait for a core. */
    private static final long MILLIS = 200;

    private final ScheduledThreadPoolExecutor later = new ScheduledThreadPoolExecutor(1, body -> {
        Thread thread = new Thread(body, "purekv-execution-guard");
        thread.setDaemon(true);
        return thread;
    });

    ExecutionGuard() {
        later.setKeepAliveTime(1, TimeUnit.SECONDS);
        later.allowCoreThreadTimeOut(true);
    }

    /**
     * Runs an execution.
     *
     * @param request one of those that it executes, not yet released
     */
    void around(long request, Runnable execution) {
        long factory = 0;
        try {
            factory = BackendApi.factoryNew(request);
        } catch (ServerException e) {
            LOG.warn("a model is not held while it executes: {}", e.getMessage());
        }
        try {
            execution.run();
        } finally {
            if (factory != 0) {
                long held = factory;
                later.schedule(() -> BackendApi.factoryDelete(held), MILLIS, TimeUnit.MILLISECONDS);
            }
        }
    }
}
