package dev.purekv.compression;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Tensors as tests read and make them. */
final class Tensors {
    private Tensors() {}

    static long[] longs(Tensor tensor) {
        long[] values = new long[Math.toIntExact(tensor.numel())];
        tensor.contiguous().data_ptr_long().get(values);
        return values;
    }

    /** A layer with random keys and values, and random attention if it is asked for. */
    static ScoredLayer layer(int index, long groups, long tokens, boolean observed) {
        torch.manual_seed(index + 17);
        return new ScoredLayer(
                index,
                torch.randn(groups, tokens, 8),
                torch.randn(groups, tokens, 8),
                observed ? torch.rand(groups, tokens) : null);
    }
}
