package dev.purekv.benchmark;

import dev.purekv.engine.Meters;
import dev.purekv.model.PrefillReport;

/** Adds up what an engine did. Read after its end. */
final class EngineTimes implements Meters {
    private int mostRunning;
    private int answers;
    private long laterTokens;
    private long visionNanos;
    private long promptNanos;
    private double firstTokenSeconds;
    private long wallNanos;

    /** Time of the whole run. */
    void took(long nanos) {
        wallNanos = nanos;
    }

    int mostRunning() {
        return mostRunning;
    }

    /** Of the time that no prompt took. */
    double decodedPerSecond() {
        return laterTokens / ((wallNanos - visionNanos - promptNanos) / 1e9);
    }

    /** Prompts included, the vision tower excluded. */
    double requestsPerSecond() {
        return answers / ((wallNanos - visionNanos) / 1e9);
    }

    double meanFirstTokenSeconds() {
        return firstTokenSeconds / answers;
    }

    @Override
    public void running(int requests) {
        mostRunning = Math.max(mostRunning, requests);
    }

    @Override
    public void prefilled(PrefillReport report, double queuedSeconds) {
        visionNanos += report.vision().toNanos();
        promptNanos += report.language().toNanos();
    }

    @Override
    public void firstToken(double secondsSinceArrival) {
        firstTokenSeconds += secondsSinceArrival;
    }

    @Override
    public void outputToken(double seconds) {
        laterTokens++;
    }

    @Override
    public void finished(double secondsSinceArrival, int promptTokens, int generatedTokens) {
        answers++;
    }

    @Override
    public void waiting(int requests) {}

    @Override
    public void cacheBytes(long used, long total) {}

    @Override
    public void cancelled(Stage stage) {}
}
