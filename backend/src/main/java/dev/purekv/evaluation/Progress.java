package dev.purekv.evaluation;

import java.io.PrintWriter;
import java.time.Duration;

/** Says how far a run is, and how long the rest will take if it goes on as it went. */
final class Progress {
    private final PrintWriter out;
    private final int trials;
    private final long start = System.nanoTime();
    private int done;

    /** @param trials to run, without those that a run before this one did */
    Progress(PrintWriter out, int trials) {
        this.out = out;
        this.trials = trials;
        out.printf("%d trials to run%n", trials);
        out.flush();
    }

    void add(int finished) {
        done += finished;
        if (done > 0) {
            Duration spent = Duration.ofNanos(System.nanoTime() - start);
            out.printf("%d of %d trials, %s left%n", done, trials, shown(left(spent, done, trials)));
            out.flush();
        }
    }

    static Duration left(Duration spent, int done, int trials) {
        return spent.multipliedBy(trials - done).dividedBy(done);
    }

    static String shown(Duration time) {
        return time.toMinutes() > 0
                ? "%d min".formatted(Math.round(time.toSeconds() / 60.0))
                : "%d s".formatted(time.toSeconds());
    }
}
