package dev.purekv.evaluation;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * What all trials of one variant say together: means, but medians of times.
 *
 * @param accuracyByKind of the questions of each kind
 * @param secondDivergence not a number where no second token was decided after the same first one
 * @param byteRatio of the full cache to what is kept
 * @param followUps second questions asked; their shares are not numbers when there were none
 */
record Summary(
        Variant variant,
        int questions,
        double accuracy,
        Map<String, Double> accuracyByKind,
        double agreement,
        double firstDivergence,
        double secondDivergence,
        double mass,
        double cacheBytes,
        double byteRatio,
        double visionMs,
        double prefillMs,
        double scoringMs,
        double tokenMs,
        long followUps,
        double followUpAccuracy,
        double followUpAgreement) {

    /** @param kinds by {@link Question#key} */
    static Summary of(Variant variant, List<Trial> trials, Map<String, String> kinds) {
        Map<String, Double> byKind = trials.stream()
                .collect(Collectors.groupingBy(
                        trial -> kinds.get(trial.question()),
                        TreeMap::new,
                        Collectors.averagingDouble(trial -> share(trial.right()))));
        List<Trial> followed =
                trials.stream().filter(trial -> trial.followUp() != null).toList();
        return new Summary(
                variant,
                trials.size(),
                mean(trials, trial -> share(trial.right())),
                byKind,
                mean(trials, trial -> share(trial.agrees())),
                mean(trials, Trial::firstDivergence),
                trials.stream()
                        .map(Trial::secondDivergence)
                        .filter(Objects::nonNull)
                        .mapToDouble(each -> each)
                        .average()
                        .orElse(Double.NaN),
                mean(trials, Trial::mass),
                mean(trials, Trial::cacheBytes),
                mean(trials, trial -> (double) trial.fullBytes() / trial.cacheBytes()),
                median(trials, Trial::visionMs),
                median(trials, Trial::prefillMs),
                median(trials, Trial::scoringMs),
                median(trials, trial -> trial.decodeMs() / Math.max(1, trial.tokens())),
                followed.size(),
                mean(followed, trial -> share(trial.followUpRight())),
                mean(followed, trial -> share(trial.followUpAgrees())));
    }

    private static double share(boolean holds) {
        return holds ? 1 : 0;
    }

    private static double mean(List<Trial> trials, ToDoubleFunction<Trial> value) {
        return trials.stream().mapToDouble(value).average().orElse(Double.NaN);
    }

    private static double median(List<Trial> trials, ToDoubleFunction<Trial> value) {
        double[] sorted = trials.stream().mapToDouble(value).sorted().toArray();
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    /** From the question to the first token. */
    double firstTokenMs() {
        return visionMs + prefillMs;
    }
}
