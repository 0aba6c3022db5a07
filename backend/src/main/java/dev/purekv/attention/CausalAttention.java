package dev.purekv.attention;

import org.bytedeco.pytorch.Tensor;

/** Attention of the last tokens of a sequence to what stands before them: to all of it, or to a part. */
@FunctionalInterface
public interface CausalAttention {
    /**
     * @param q (T, H, D) of the last T of N tokens, T at most N
     * @param k (G, N, D)
     * @param v (G, N, D)
     * @return (T, H, D)
     */
    Tensor causal(Tensor q, Tensor k, Tensor v);
}
