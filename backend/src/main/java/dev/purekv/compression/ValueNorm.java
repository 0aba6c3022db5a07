package dev.purekv.compression;

import org.bytedeco.pytorch.Tensor;

/**
 * The length of the value alone: the half of {@link PureKv} that needs no attention.
 *
 * <p>Source: the value-norm rank (VaN) of InfiniPot-V, arXiv:2506.15745. Differs: no pooling, and no second criterion of
 * redundancy in time.
 */
record ValueNorm() implements Scorer {
    @Override
    public Observation observes() {
        return Observation.NOTHING;
    }

    @Override
    public Tensor score(ScoredLayer layer) {
        return layer.valueNorms();
    }
}
