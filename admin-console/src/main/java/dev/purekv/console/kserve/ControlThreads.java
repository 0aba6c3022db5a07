package dev.purekv.console.kserve;

import dev.purekv.console.exchange.Refusal;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/** A few threads that wait for models to load, and a short queue before them. */
@Component
final class ControlThreads implements DisposableBean {
    private static final int THREADS = 4;
    private static final int WAITING = 32;

    private final ThreadPoolExecutor threads;

    ControlThreads() {
        threads = new ThreadPoolExecutor(
                THREADS, THREADS, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), work -> {
                    Thread thread = new Thread(work, "model-control");
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    void execute(Runnable work) {
        try {
            threads.execute(work);
        } catch (RejectedExecutionException e) {
            throw new Refusal(
                    503, (THREADS + WAITING) + " loads and unloads are under way or waiting already; try again later");
        }
    }

    @Override
    public void destroy() {
        threads.shutdownNow();
    }
}
