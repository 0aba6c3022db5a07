package dev.purekv.attention.sparse;

import dev.purekv.attention.FusedPart;
import dev.purekv.attention.Partial;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Attention along a sequence to what lies from {@code nearest} to {@code farthest} steps back.
 *
 * <p>The kernel's own causal mask saves work in steps of 512 keys only; here a call is handed the keys that its queries can
 * reach, so with few queries a call little is computed to be masked.
 *
 * @param nearest 0 for the token itself
 * @param farthest at least {@code nearest}
 */
record Band(int nearest, int farthest) {
    /**
     * @param q (B, R, T, D) of the steps from {@code first} on, which is at least {@code nearest}
     * @param k (B, S, D) of all steps
     * @param v (B, S, D)
     * @return leading dimensions (B, R, T)
     */
    Partial attend(Tensor q, int first, Tensor k, Tensor v) {
        int from = Math.max(0, first - farthest);
        long seen = first + q.size(2) - nearest - from;
        // Key j of those handed over is from + j, and query i is first + i.
        Tensor never =
                torch.full(new long[] {q.size(2), seen}, new Scalar(Double.NEGATIVE_INFINITY), q.options()); // (T, S)
        Tensor mask = never.triu(first - from - nearest + 1).add_(never.tril(first - from - farthest - 1L));
        return FusedPart.masked(q, k.narrow(1, from, seen), v.narrow(1, from, seen), mask);
    }
}
