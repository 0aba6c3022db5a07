package dev.purekv.attention.sparse;

import dev.purekv.attention.CausalAttention;

/**
 * Which layers are sparse while a prompt is read, and how.
 *
 * @param firstLayer the lowest sparse layer, from 0; all above it are sparse too
 */
public record SparsePrefill(int firstLayer, Visibility pattern) {
    public SparsePrefill {
        if (firstLayer < 0) {
            throw new IllegalArgumentException("a first sparse layer is at least 0, got " + firstLayer);
        }
    }

    /** @return the same where only these tokens are left */
    public SparsePrefill kept(int[] survivors) {
        return new SparsePrefill(firstLayer, pattern.kept(survivors));
    }

    /**
     * @param pause called between parts of the sparse attention; may throw to stop
     * @return what attends in this layer: {@code dense} below the first sparse one
     */
    public CausalAttention at(int layer, CausalAttention dense, Runnable pause) {
        SparseAttention sparse = new MergedSparseAttention(pause);
        return layer < firstLayer ? dense : (q, k, v) -> sparse.attend(q, k, v, pattern);
    }
}
