package dev.purekv.compression;

import org.bytedeco.pytorch.Tensor;

/**
 * The layer's own observed attention times the length of its values: what {@link PureKv} estimates from other layers. An
 * upper line for comparisons, for it must observe attention in every layer.
 *
 * <p>Source: ours. Heads correspond to themselves, so they always stay apart.
 */
record Oracle() implements Scorer {
    @Override
    public Observation observes() {
        return Observation.OWN_WINDOW;
    }

    @Override
    public Tensor score(ScoredLayer layer) {
        return layer.valueNorms().mul(layer.attention()); // (G, N)
    }
}
