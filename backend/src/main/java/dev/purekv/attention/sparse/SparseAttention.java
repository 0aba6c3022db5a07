package dev.purekv.attention.sparse;

import org.bytedeco.pytorch.Tensor;

/**
 * Attention of a prompt whose tokens see what a pattern allows; heads and scale as in {@link dev.purekv.attention.Attention}.
 * Implementations differ in speed, not in meaning.
 */
public interface SparseAttention {
    /**
     * The queries are the last T of the prompt's N tokens.
     *
     * @param q (T, H, D), T at most N
     * @param k (G, N, D)
     * @param v (G, N, D)
     * @param pattern of N tokens
     * @return (T, H, D)
     * @throws IllegalArgumentException when the pattern is of another number of tokens
     */
    Tensor attend(Tensor q, Tensor k, Tensor v, Visibility pattern);

    /** States what {@link #attend} asks of its arguments. */
    static void requireSameTokens(Tensor q, Tensor k, Visibility pattern) {
        if (k.size(1) != pattern.tokens() || q.size(0) > pattern.tokens()) {
            throw new IllegalArgumentException("sparse attention: a pattern of " + pattern.tokens()
                    + " tokens does not fit " + k.size(1) + " keys and " + q.size(0) + " queries");
        }
    }
}
