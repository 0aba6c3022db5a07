package dev.purekv.console.evaluation;

import dev.purekv.evaluation.Result;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What an evaluation suggests: the smallest cache that loses at most a point of right answers and of second answers that agree with the
 * full cache's; of equally small ones the one that answers best.
 *
 * @param settings to apply, by name, as in config.pbtxt
 * @param words why, in a sentence or two
 */
public record Recommendation(Map<String, String> settings, String words) {
    private static final double A_POINT = 0.0100001;
    private static final double SAME_SIZE = 0.02; // of a byte ratio: a row of rounding

    public Recommendation {
        settings = Map.copyOf(settings);
    }

    /** @param results the full cache first, as an evaluation writes them */
    public static Recommendation of(List<Result> results) {
        Result full = results.get(0);
        Optional<Result> best = results.stream()
                .skip(1)
                .filter(each -> loss(full, each) <= A_POINT && followUpLoss(each) <= A_POINT)
                .filter(each -> each.byteRatio() > 1 + SAME_SIZE)
                .max(Comparator.comparingDouble((Result each) -> Math.rint(each.byteRatio() / SAME_SIZE))
                        .thenComparingDouble(Result::accuracy)
                        .thenComparingDouble(Result::agreement)
                        .thenComparingDouble(each -> -each.firstTokenMs()));
        return best.map(each -> new Recommendation(each.settings(), words(full, each, results)))
                .orElseGet(() -> new Recommendation(
                        full.settings(),
                        "Keep the full cache: everything that was tried loses more than a point of right answers, or of second "
                                + "answers, on these " + full.questions() + " questions."));
    }

    /** Of right answers; below zero for a gain. */
    private static double loss(Result full, Result other) {
        return full.accuracy() - other.accuracy();
    }

    private static double followUpLoss(Result other) {
        return other.followUpAgreement() == null ? 0 : 1 - other.followUpAgreement();
    }

    private static String words(Result full, Result best, List<Result> results) {
        String unsure = full.questions() < 100
                ? " With " + full.questions() + " questions a single one is " + points(1.0 / full.questions())
                        + ": ask more before you rely on it."
                : "";
        return String.format(
                Locale.ROOT,
                "%s: %s of right answers %s, a cache %.1fx smaller, first token after %.0f instead of %.0f ms, out of %d "
                        + "combinations.%s",
                named(best),
                points(Math.abs(loss(full, best))),
                loss(full, best) < 0 ? "gained" : "lost",
                best.byteRatio(),
                best.firstTokenMs(),
                full.firstTokenMs(),
                results.size(),
                unsure);
    }

    private static String named(Result best) {
        return String.format(
                Locale.ROOT, "%s, ratio %s, %s prefill", best.method(), trimmed(best.ratio()), best.prefill());
    }

    private static String trimmed(double ratio) {
        return ratio == Math.rint(ratio) ? Long.toString((long) ratio) : Double.toString(ratio);
    }

    private static String points(double share) {
        return String.format(Locale.ROOT, "%.1f points", share * 100);
    }
}
