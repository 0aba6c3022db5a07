package dev.purekv.evaluation;

import dev.purekv.settings.HeadScores;
import java.util.Arrays;
import java.util.List;
import org.hipparchus.stat.correlation.PearsonsCorrelation;
import org.hipparchus.stat.ranking.NaNStrategy;
import org.hipparchus.stat.ranking.NaturalRanking;
import org.hipparchus.stat.ranking.TiesStrategy;

/**
 * How well attention of one layer ranks the entries of another: Spearman's correlation between the scores that cross-layer importance
 * gives and the layer's own importance, its own observed attention times the length of its values.
 *
 * <p>Source: what Figure 4 of PureKV, arXiv:2510.25600, shows. Only entries that are ranked count: sinks and the latest tokens, kept
 * whatever their score, are left out.
 */
final class RankCorrelation {
    private final int sinks;
    private final int recents;

    RankCorrelation(int sinks, int recents) {
        this.sinks = sinks;
        this.recents = recents;
    }

    /**
     * @param heads whether a source's heads are averaged, as in {@code head_scores}
     * @return (L, L), row for the source layer, column for the layer that it ranks; null when no entry is ranked
     */
    double[][] of(List<LayerEvidence.Layer> layers, HeadScores heads) {
        if (layers.get(0).tokens() - sinks - recents < 2) {
            return null;
        }
        double[][] matrix = new double[layers.size()][layers.size()];
        for (int target = 0; target < layers.size(); target++) {
            LayerEvidence.Layer own = layers.get(target);
            double[][] wanted = ranks(own, own.attention());
            for (int source = 0; source < layers.size(); source++) {
                double[][] attention = layers.get(source).attention();
                double[][] found = ranks(own, heads == HeadScores.MEAN ? averaged(attention) : attention);
                for (int head = 0; head < own.heads(); head++) {
                    matrix[source][target] +=
                            new PearsonsCorrelation().correlation(found[head], wanted[head]) / own.heads();
                }
            }
        }
        return matrix;
    }

    /** @return (G, N - P), ranks of attention times length of the value, equal ones sharing their mean rank */
    private double[][] ranks(LayerEvidence.Layer layer, double[][] attention) {
        double[][] ranks = new double[layer.heads()][];
        for (int head = 0; head < ranks.length; head++) {
            double[] scores = new double[layer.tokens()];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = attention[head][i] * layer.valueNorms()[head][i];
            }
            ranks[head] = new NaturalRanking(NaNStrategy.FAILED, TiesStrategy.AVERAGE)
                    .rank(Arrays.copyOfRange(scores, sinks, scores.length - recents));
        }
        return ranks;
    }

    /** @return (G, N), the mean over heads, once for each of them */
    private static double[][] averaged(double[][] attention) {
        double[] mean = new double[attention[0].length];
        for (double[] head : attention) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += head[i] / attention.length;
            }
        }
        double[][] all = new double[attention.length][];
        Arrays.fill(all, mean);
        return all;
    }
}
