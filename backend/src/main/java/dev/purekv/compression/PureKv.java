package dev.purekv.compression;

import dev.purekv.settings.HeadScores;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * Cross-layer importance estimation (CLIE): the attention observed at low source layers, times the length of the layer's
 * own values. No attention of the layer itself is observed.
 *
 * <p>Source: PureKV, arXiv:2510.25600, whose idea it is; the equations are ours, for the paper's text was not to be had.
 * Differs in that several source layers may be averaged, and heads as well: heads of different layers do not correspond.
 */
record PureKv(HeadScores heads) implements Scorer {
    @Override
    public Observation observes() {
        return Observation.SOURCE_LAYERS;
    }

    @Override
    public Tensor score(ScoredLayer layer) {
        Tensor attention = heads == HeadScores.PER_HEAD
                ? layer.attention() // (G, N)
                : layer.attention().mean(new long[] {0}, true, new ScalarTypeOptional()); // (1, N)
        return layer.valueNorms().mul(attention); // (G, N)
    }
}
