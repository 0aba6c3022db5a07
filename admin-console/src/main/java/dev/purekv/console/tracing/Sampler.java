package dev.purekv.console.tracing;

/** Chooses requests by the settings that hold for them, and counts them. */
final class Sampler {
    private final TraceSettings settings;
    private long seen;
    private long left;

    Sampler(TraceSettings settings) {
        this.settings = settings;
        this.left = settings.count();
    }

    /** @return whether the next request is traced */
    synchronized boolean take() {
        if (!settings.timestamps() || left == 0 || ++seen % settings.rate() != 0) {
            return false;
        }
        if (left > 0) {
            left--;
        }
        return true;
    }

    /** With the count that is left, as Triton tells it. */
    synchronized TraceSettings now() {
        return new TraceSettings(settings.timestamps(), settings.rate(), left, settings.fileTraces());
    }
}
