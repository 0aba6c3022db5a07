package dev.purekv.engine;

import dev.purekv.model.PrefillReport;

/** Meters that nobody reads. */
final class Uncounted implements Meters {
    @Override
    public void waiting(int requests) {}

    @Override
    public void running(int requests) {}

    @Override
    public void cacheBytes(long used, long total) {}

    @Override
    public void prefilled(PrefillReport report, double queuedSeconds) {}

    @Override
    public void firstToken(double secondsSinceArrival) {}

    @Override
    public void outputToken(double seconds) {}

    @Override
    public void finished(double secondsSinceArrival, int promptTokens, int generatedTokens) {}

    @Override
    public void cancelled(Stage stage) {}
}
