package dev.purekv.compression;

import org.bytedeco.pytorch.Tensor;

/** Says which entries of a layer matter. Pure: same layer, same scores. */
public interface Scorer {
    /** Which attention is observed for {@link ScoredLayer#attention}. */
    Observation observes();

    /** @return importance (G, N), higher is kept; entries are compared within their head only */
    Tensor score(ScoredLayer layer);
}
