package dev.purekv.engine;

import dev.purekv.model.PrefillReport;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Remembers what an engine told its meters. */
final class Counts implements Meters {
    volatile int waiting;
    volatile int running;
    volatile long usedBytes;
    volatile long totalBytes;
    volatile long mostUsedBytes;
    final AtomicInteger prefilled = new AtomicInteger();
    final AtomicInteger firstTokens = new AtomicInteger();
    final AtomicInteger laterTokens = new AtomicInteger();
    final AtomicInteger finished = new AtomicInteger();
    final List<Stage> cancelled = new CopyOnWriteArrayList<>();

    @Override
    public void waiting(int requests) {
        waiting = requests;
    }

    @Override
    public void running(int requests) {
        running = requests;
    }

    @Override
    public void cacheBytes(long used, long total) {
        usedBytes = used;
        totalBytes = total;
        mostUsedBytes = Math.max(mostUsedBytes, used);
    }

    @Override
    public void prefilled(PrefillReport report, double queuedSeconds) {
        prefilled.incrementAndGet();
    }

    @Override
    public void firstToken(double secondsSinceArrival) {
        firstTokens.incrementAndGet();
    }

    @Override
    public void outputToken(double seconds) {
        laterTokens.incrementAndGet();
    }

    @Override
    public void finished(double secondsSinceArrival, int promptTokens, int generatedTokens) {
        finished.incrementAndGet();
    }

    @Override
    public void cancelled(Stage stage) {
        cancelled.add(stage);
    }
}
