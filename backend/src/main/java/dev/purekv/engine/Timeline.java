package dev.purekv.engine;

import dev.purekv.model.PrefillReport;

/** Where one request is, and when it came there, told to the meters. Has the owner of its ticket. */
final class Timeline {
    private final Meters meters;
    private final long arrived;
    private volatile Meters.Stage stage = Meters.Stage.QUEUE; // others look at it, and at the count
    private volatile int tokens;
    private long begun;
    private long first;
    private long latest;

    /** @param arrived System.nanoTime of the request's arrival */
    Timeline(Meters meters, long arrived) {
        this.meters = meters;
        this.arrived = arrived;
    }

    void preparationBegins() {
        stage = Meters.Stage.PREPARATION;
    }

    void prefillBegins() {
        stage = Meters.Stage.PREFILL;
        begun = System.nanoTime();
    }

    void prefilled(PrefillReport report) {
        meters.prefilled(report, (begun - arrived) / 1e9);
    }

    /** The next token of the answer is there. */
    void token() {
        long now = System.nanoTime();
        if (tokens == 0) {
            stage = Meters.Stage.DECODE;
            first = now;
            meters.firstToken((now - arrived) / 1e9);
        } else {
            meters.outputToken((now - latest) / 1e9);
        }
        tokens = tokens + 1; // by its owner alone
        latest = now;
    }

    void finished(int promptTokens) {
        meters.finished((System.nanoTime() - arrived) / 1e9, promptTokens, tokens);
    }

    void cancelled() {
        meters.cancelled(stage);
    }

    Meters.Stage stage() {
        return stage;
    }

    int tokens() {
        return tokens;
    }

    /** Of the tokens after the first; 0 when there are none. */
    double tokensPerSecond() {
        return tokens < 2 ? 0 : (tokens - 1) / ((latest - first) / 1e9);
    }

    /** In words. */
    String place() {
        return switch (stage) {
            case QUEUE -> "it waited for its turn";
            case PREPARATION -> "its prompt was being prepared, or waited for room";
            case PREFILL -> "its prompt was being computed";
            case DECODE -> "its answer had " + tokens + " tokens";
        };
    }
}
