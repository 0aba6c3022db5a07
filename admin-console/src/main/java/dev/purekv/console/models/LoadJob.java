package dev.purekv.console.models;

import dev.purekv.console.words.Words;
import java.time.Duration;

/**
 * A load or unload that somebody asked for. Its time is told by System.nanoTime: somebody may set the clock meanwhile.
 *
 * @param action {@code load} or {@code unload}
 * @param began of System.nanoTime
 * @param took null while it runs
 * @param failure in words; null where none is known
 */
public record LoadJob(String model, String action, String actor, long began, Duration took, String failure) {
    public static LoadJob begin(String model, String action, String actor) {
        return new LoadJob(model, action, actor, System.nanoTime(), null, null);
    }

    public boolean running() {
        return took == null;
    }

    public boolean failed() {
        return failure != null;
    }

    /** @param why it failed; null where it did not */
    public LoadJob finished(String why) {
        return new LoadJob(model, action, actor, began, spent(), why);
    }

    /** @return such as {@code loading for 3 s}, or {@code loaded in 0.4 s} */
    public String progress() {
        String verb = action + (running() ? "ing for " : failed() ? " failed after " : "ed in ");
        return verb + Words.decimal(spent().toMillis() / 1000.0) + " s";
    }

    private Duration spent() {
        return running() ? Duration.ofNanos(System.nanoTime() - began) : took;
    }
}
