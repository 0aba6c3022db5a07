package dev.purekv.console.models;

import dev.purekv.console.words.Words;
import java.time.Duration;
import java.time.Instant;

/**
 * A load or unload that somebody asked for.
 *
 * @param action {@code load} or {@code unload}
 * @param finishedAt null while it runs
 * @param failure in words; null where none is known
 */
public record LoadJob(
        String model, String action, String actor, Instant startedAt, Instant finishedAt, String failure) {
    public boolean running() {
        return finishedAt == null;
    }

    public boolean failed() {
        return failure != null;
    }

    /** @param why it failed; null where it did not */
    public LoadJob finished(Instant now, String why) {
        return new LoadJob(model, action, actor, startedAt, now, why);
    }

    /** @return such as {@code loading for 3 s}, or {@code loaded in 0.4 s} */
    public String progress(Instant now) {
        double seconds =
                Duration.between(startedAt, running() ? now : finishedAt).toMillis() / 1000.0;
        String verb = action + (running() ? "ing for " : failed() ? " failed after " : "ed in ");
        return verb + Words.decimal(seconds) + " s";
    }
}
