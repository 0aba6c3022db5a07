package dev.purekv.compression;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * SnapKV: the attention of the last tokens, smoothed over neighbours. Those last tokens themselves are protected.
 *
 * <p>Source: arXiv:2404.14469, FasterDecoding/SnapKV {@code snapkv_utils.py}, in its code's defaults (kernel 5, mean). As in
 * kvpress, query heads of a group share their mean. Differs: the window is {@code observation_tokens}; sinks are protected
 * unless {@code sink_tokens} is 0. PyramidKV, arXiv:2406.02069, scores in the same way and differs in {@link PyramidBudget}.
 *
 * @param window the last tokens, which are observed
 */
record SnapKv(int window) implements Scorer {
    private static final int KERNEL = 5;

    @Override
    public Observation observes() {
        return Observation.OWN_WINDOW;
    }

    @Override
    public Tensor score(ScoredLayer layer) {
        Tensor attention = layer.attention(); // (G, N)
        long before = attention.size(1) - window;
        if (before < 1) {
            return attention;
        }
        // The window stays out of the smoothing, which pads with zeros at both ends.
        Tensor smooth = torch.avg_pool1d(
                attention.narrow(1, 0, before),
                new long[] {KERNEL},
                new long[] {1},
                new long[] {KERNEL / 2},
                false,
                true); // (G, N - w)
        return torch.cat(new TensorVector(smooth, attention.narrow(1, before, window)), 1); // (G, N)
    }
}
