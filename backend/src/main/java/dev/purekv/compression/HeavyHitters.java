package dev.purekv.compression;

import org.bytedeco.pytorch.Tensor;

/**
 * H2O: the attention that an entry received from all queries of the prompt, summed.
 *
 * <p>Source: arXiv:2306.14048, FMInference/H2O {@code h2o_hf/utils_hh/modify_llama.py}. As there, sums are not divided by the
 * number of queries that can see an entry, which favours early ones; kvpress's ObservedAttentionPress divides and is another
 * method. Differs: the recent part is {@code recent_tokens} instead of a share of the prompt; sinks are protected unless
 * {@code sink_tokens} is 0; query heads of a group share their mean; only the prompt is cut.
 */
record HeavyHitters() implements Scorer {
    @Override
    public Observation observes() {
        return Observation.OWN_PROMPT;
    }

    @Override
    public Tensor score(ScoredLayer layer) {
        return layer.attention();
    }
}
