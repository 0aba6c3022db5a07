package dev.purekv.attention;

import dev.purekv.tensor.Native;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Attention by LibTorch's fused kernel, which never builds the score matrix. Grouped heads cost no copy: the kernel wants
 * as many key heads as query heads, so for many queries the groups become its batch and the keys a view of stride zero
 * along the heads, and for one query the query heads of a group become its tokens, for without a mask their order means
 * nothing.
 *
 * <p>The kernel's own causal mask counts from the top left, which is right only when queries and keys are as many.
 */
public final class FusedAttention implements Attention {
    @Override
    public Tensor causal(Tensor q, Tensor k, Tensor v) {
        return q.size(0) == 1 ? one(q, k, v) : many(q, k, v);
    }

    private static Tensor one(Tensor q, Tensor k, Tensor v) {
        long groups = k.size(0);
        return Native.scoped(() -> {
            Tensor grouped = q.view(1, groups, -1, q.size(2)); // (1, G, H / G, D)
            return fused(grouped, k.unsqueeze(0), v.unsqueeze(0), new TensorOptional(), false)
                    .view(1, q.size(1), q.size(2)); // (1, H, D)
        });
    }

    private static Tensor many(Tensor q, Tensor k, Tensor v) {
        return Native.scoped(() -> {
            Tensor grouped = grouped(q, k.size(0)); // (G, H / G, T, D)
            Tensor result;
            if (q.size(0) == k.size(1)) {
                result = fused(grouped, shared(k, grouped), shared(v, grouped), new TensorOptional(), true);
            } else if (q.is_cpu()) {
                result = merged(grouped, k, v);
            } else {
                TensorOptional mask = new TensorOptional(lowerRight(q, k));
                result = fused(grouped, shared(k, grouped), shared(v, grouped), mask, false);
            }
            return ungrouped(result, q);
        });
    }

    /**
     * @param q (T, H, D)
     * @param k (G, N, D)
     * @param v (G, N, D)
     * @param mask (T, N), added to the scores; each row has a key that is not at minus infinity
     * @return (T, H, D)
     */
    public Tensor masked(Tensor q, Tensor k, Tensor v, Tensor mask) {
        return Native.scoped(() -> {
            Tensor grouped = grouped(q, k.size(0)); // (G, H / G, T, D)
            return ungrouped(
                    fused(grouped, shared(k, grouped), shared(v, grouped), new TensorOptional(mask), false), q);
        });
    }

    /** @return (G, H / G, T, D) */
    private static Tensor grouped(Tensor q, long groups) {
        return q.view(q.size(0), groups, q.size(1) / groups, q.size(2)).permute(1, 2, 0, 3);
    }

    /** @return (T, H, D) */
    private static Tensor ungrouped(Tensor result, Tensor like) {
        return result.permute(2, 0, 1, 3).reshape(like.size(0), like.size(1), like.size(2));
    }

    /** @return (G, H / G, N, D), a view */
    private static Tensor shared(Tensor k, Tensor grouped) {
        return k.unsqueeze(1).expand(k.size(0), grouped.size(1), k.size(1), k.size(2));
    }

    /**
     * Attention to what stands before the queries and to the queries' own keys, in two parts: no mask to build and to read.
     *
     * @param q (G, R, T, D)
     * @return (G, R, T, D)
     */
    private static Tensor merged(Tensor q, Tensor k, Tensor v) {
        long tokens = q.size(2);
        long before = k.size(1) - tokens;
        Partial sum = FusedPart.causal(q, k.narrow(1, before, tokens), v.narrow(1, before, tokens));
        sum.absorb(FusedPart.all(q, k.narrow(1, 0, before), v.narrow(1, 0, before)));
        return sum.out();
    }

    /** @return (T, N), zero where a query may look and minus infinity elsewhere */
    private static Tensor lowerRight(Tensor q, Tensor k) {
        Tensor never = torch.full(new long[] {q.size(0), k.size(1)}, new Scalar(Float.NEGATIVE_INFINITY), q.options());
        return never.triu(k.size(1) - q.size(0) + 1);
    }

    @Override
    public Tensor full(Tensor q, Tensor k, Tensor v) {
        return Native.scoped(
                () -> fused(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), new TensorOptional(), false)
                        .transpose(1, 2)); // (B, T, H, D)
    }

    private static Tensor fused(Tensor q, Tensor k, Tensor v, TensorOptional mask, boolean causal) {
        return torch.scaled_dot_product_attention(q, k, v, mask, 0.0, causal, new DoubleOptional(), false);
    }
}
