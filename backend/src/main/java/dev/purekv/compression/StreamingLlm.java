package dev.purekv.compression;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The first tokens and the latest ones: later is better, and {@link Protection} keeps the sinks.
 *
 * <p>Source: StreamingLLM, arXiv:2309.17453, {@code kv_cache.py}. Differs: keys keep the positions with which they were
 * rotated, where the original rotates them anew by their place in the cache; only the prompt is cut.
 */
record StreamingLlm() implements Scorer {
    @Override
    public Observation observes() {
        return Observation.NOTHING;
    }

    @Override
    public Tensor score(ScoredLayer layer) {
        Tensor keys = layer.keys();
        return torch.arange(new Scalar(keys.size(1)), keys.options()).expand(keys.size(0), keys.size(1)); // (G, N)
    }
}
