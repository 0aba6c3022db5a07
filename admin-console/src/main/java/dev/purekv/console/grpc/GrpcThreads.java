package dev.purekv.console.grpc;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/** The door's threads, few of each kind: nothing waits on the first two. */
@Component
final class GrpcThreads implements DisposableBean {
    private static final int CALLS = 8;
    private static final int DELIVERIES = 2;
    private static final int LOADS = 4;
    private static final int LOADS_WAITING = 32;

    private final ExecutorService calls = Executors.newFixedThreadPool(CALLS, work -> thread("grpc-call", work));
    private final ScheduledExecutorService delivery =
            Executors.newScheduledThreadPool(DELIVERIES, work -> thread("grpc-delivery", work));
    private final ThreadPoolExecutor loads;

    GrpcThreads() {
        loads = new ThreadPoolExecutor(
                LOADS,
                LOADS,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(LOADS_WAITING),
                work -> thread("grpc-load", work));
        loads.allowCoreThreadTimeOut(true);
    }

    private static Thread thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Reads messages and begins what they ask for. */
    Executor calls() {
        return calls;
    }

    /** Writes responses that the server's threads have left in a queue. */
    ScheduledExecutorService delivery() {
        return delivery;
    }

    /** Waits for models to load; refuses when too many wait already. */
    Executor loads() {
        return loads;
    }

    @Override
    public void destroy() {
        calls.shutdownNow();
        delivery.shutdownNow();
        loads.shutdownNow();
    }
}
