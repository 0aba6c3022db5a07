package dev.purekv.attention;

import org.bytedeco.pytorch.Tensor;

/**
 * Attention with grouped heads: query head {@code h} reads key/value head {@code h / (H / G)}. Scores are scaled by
 * {@code 1 / sqrt(D)}. Implementations differ in speed, not in meaning.
 */
public interface Attention extends CausalAttention {
    /**
     * The queries are the last T of the N tokens whose keys are given; each sees the tokens up to itself.
     *
     * @param q (T, H, D), T at most N
     * @param k (G, N, D)
     * @param v (G, N, D)
     * @return (T, H, D)
     */
    @Override
    Tensor causal(Tensor q, Tensor k, Tensor v);

    /**
     * Every token sees every token of its own segment.
     *
     * @param q (B, T, H, D): B segments of one length
     * @param k (B, T, H, D)
     * @param v (B, T, H, D)
     * @return (B, T, H, D)
     */
    Tensor full(Tensor q, Tensor k, Tensor v);
}
