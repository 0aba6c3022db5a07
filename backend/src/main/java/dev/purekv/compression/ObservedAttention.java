package dev.purekv.compression;

import dev.purekv.tensor.Native;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The attention that each key receives from the last queries, computed apart from the layer, whose own kernels never show
 * it. Queries go by tiles, so memory is {@code H x tile x N} for any number of queries, never {@code N x N}.
 */
final class ObservedAttention {
    /** Queries at a time: large enough that matrix products pay, small enough to be less than a layer's other buffers. */
    static final int TILE = 64;

    private ObservedAttention() {}

    /**
     * @param q (T, H, D), rotated: the last T of N tokens
     * @param keys (G, N, D), rotated; query head h reads key head h / (H / G)
     * @return (G, N): per key its causal softmax attention, summed over the T queries, mean over the query heads of its group
     */
    static Tensor received(Tensor q, Tensor keys) {
        long queries = q.size(0);
        long tokens = keys.size(1);
        return Native.scoped(() -> {
            Tensor sums = torch.full(new long[] {keys.size(0), tokens}, new Scalar(0.0), keys.options()); // (G, N)
            for (long from = 0; from < queries; from += TILE) {
                try (PointerScope tile = new PointerScope()) {
                    long rows = Math.min(TILE, queries - from);
                    // Later keys are invisible to every query of the tile.
                    long seen = tokens - queries + from + rows;
                    sums.narrow(1, 0, seen).add_(tile(q.narrow(0, from, rows), keys.narrow(1, 0, seen)));
                }
            }
            return sums;
        });
    }

    /**
     * @param q (R, H, D): the last R of S tokens
     * @param keys (G, S, D)
     * @return (G, S)
     */
    private static Tensor tile(Tensor q, Tensor keys) {
        long rows = q.size(0);
        long groups = keys.size(0);
        long group = q.size(1) / groups;
        long seen = keys.size(1);
        Tensor grouped = q.view(rows, groups, group, q.size(2))
                .permute(1, 2, 0, 3) // (G, H / G, R, D)
                .mul(new Scalar(1 / Math.sqrt(q.size(2))))
                .reshape(groups, group * rows, q.size(2));
        Tensor scores = grouped.bmm(keys.transpose(1, 2)).view(groups, group, rows, seen); // (G, H / G, R, S)
        Tensor hidden = torch.full(new long[] {rows, rows}, new Scalar(Float.NEGATIVE_INFINITY), q.options())
                .triu(1); // a query sees itself and what is before it
        scores.narrow(3, seen - rows, rows).add_(hidden);
        return shared(scores.softmax(-1));
    }

    /**
     * The same numbers from attention that somebody else computed.
     *
     * @param attention (H, w, N), probabilities of the last w queries
     * @param groups G, of which H is a multiple
     * @return (G, N): per key its attention, summed over the w queries, mean over the query heads of its group
     */
    static Tensor reduced(Tensor attention, long groups) {
        long queries = attention.size(1);
        long tokens = attention.size(2);
        return Native.scoped(() -> {
            Tensor grouped = attention.view(groups, attention.size(0) / groups, queries, tokens); // (G, H / G, w, N)
            Tensor sums = torch.zeros(new long[] {groups, tokens}, attention.options()); // (G, N)
            // By the tiles of received(), so that sums round alike.
            for (long from = 0; from < queries; from += TILE) {
                try (PointerScope tile = new PointerScope()) {
                    long rows = Math.min(TILE, queries - from);
                    sums.add_(shared(grouped.narrow(2, from, rows).contiguous()));
                }
            }
            return sums;
        });
    }

    /**
     * @param attention (G, H / G, R, S)
     * @return (G, S)
     */
    private static Tensor shared(Tensor attention) {
        return attention.sum(1, 2).div_(new Scalar(attention.size(1)));
    }
}
