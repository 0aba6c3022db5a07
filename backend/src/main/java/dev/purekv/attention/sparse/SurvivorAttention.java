package dev.purekv.attention.sparse;

import dev.purekv.attention.FusedAttention;
import dev.purekv.tensor.Native;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Dense fused attention under a mask, some queries at a time: for survivors of token pruning, which form no grid. They are so
 * few that all their scores cost less than the grouping that would avoid some. Memory is the result and a mask of tile x M.
 */
final class SurvivorAttention {
    /** Queries at a time: masks of a few megabytes, and enough rows for the matrix products within the kernel. */
    static final int TILE = 256;

    private final FusedAttention dense;
    private final Runnable pause;

    /** @param pause called between tiles; may throw to stop */
    SurvivorAttention(FusedAttention dense, Runnable pause) {
        this.dense = dense;
        this.pause = pause;
    }

    /**
     * @param q (T, H, D) of the last T of M survivors
     * @param k (G, M, D)
     * @param v (G, M, D)
     * @return (T, H, D)
     */
    Tensor attend(Tensor q, Tensor k, Tensor v, KeptPattern pattern) {
        int queries = (int) q.size(0);
        int before = pattern.tokens() - queries;
        return Native.scoped(() -> {
            Tensor result = torch.empty_like(q);
            for (int from = 0; from < queries; from += TILE) {
                if (from > 0) {
                    pause.run();
                }
                int start = from;
                int rows = Math.min(TILE, queries - from);
                int seen = before + from + rows; // later keys are invisible to the whole tile
                Native.scoped(() -> {
                    Tensor mask = Tensor.create(pattern.mask(before + start, rows, seen), rows, seen)
                            .to(q.device(), q.scalar_type());
                    Tensor tile =
                            dense.masked(q.narrow(0, start, rows), k.narrow(1, 0, seen), v.narrow(1, 0, seen), mask);
                    return result.narrow(0, start, rows).copy_(tile);
                });
            }
            return result;
        });
    }
}
