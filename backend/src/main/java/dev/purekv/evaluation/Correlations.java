package dev.purekv.evaluation;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Rank correlations between layers, mean over questions; both (L, L), source by target. */
record Correlations(double[][] meanHeads, double[][] perHead) {
    /** @return empty when no prompt had entries to rank */
    static Optional<Correlations> of(List<Observed> all) {
        List<Observed> ranked =
                all.stream().filter(each -> each.meanHeads() != null).toList();
        return ranked.isEmpty()
                ? Optional.empty()
                : Optional.of(new Correlations(mean(ranked, Observed::meanHeads), mean(ranked, Observed::perHead)));
    }

    private static double[][] mean(List<Observed> all, Function<Observed, double[][]> matrix) {
        int layers = matrix.apply(all.get(0)).length;
        double[][] mean = new double[layers][layers];
        for (Observed each : all) {
            for (int source = 0; source < layers; source++) {
                for (int target = 0; target < layers; target++) {
                    mean[source][target] += matrix.apply(each)[source][target] / all.size();
                }
            }
        }
        return mean;
    }
}
