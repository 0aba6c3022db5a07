package dev.purekv.engine;

import dev.purekv.model.PrefillReport;

/** When the parts of one answer happened, told to the meters. Lives on the engine thread. */
final class Timeline {
    private final Meters meters;
    private final long arrived;
    private long begun;
    private long latest;

    /** @param arrived System.nanoTime of the request's arrival */
    Timeline(Meters meters, long arrived) {
        this.meters = meters;
        this.arrived = arrived;
    }

    void prefillBegins() {
        begun = System.nanoTime();
    }

    void firstToken(PrefillReport report) {
        latest = System.nanoTime();
        meters.prefilled(report, (begun - arrived) / 1e9);
        meters.firstToken((latest - arrived) / 1e9);
    }

    void token() {
        long now = System.nanoTime();
        meters.outputToken((now - latest) / 1e9);
        latest = now;
    }

    void finished(int promptTokens, int generatedTokens) {
        meters.finished((latest - arrived) / 1e9, promptTokens, generatedTokens);
    }

    Meters.Stage stage() {
        return latest == 0 ? Meters.Stage.PREFILL : Meters.Stage.DECODE;
    }
}
