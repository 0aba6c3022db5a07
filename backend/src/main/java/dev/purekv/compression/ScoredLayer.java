package dev.purekv.compression;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * One layer whose prompt is in the cache.
 *
 * @param index 0 for the lowest
 * @param keys (G, N, D), rotated
 * @param values (G, N, D)
 * @param attention (G, N) as the method's {@link Scorer#observes} says: per key the attention that it receives, summed over
 *     the observed queries, mean over the query heads of its group; null when nothing is observed
 */
public record ScoredLayer(int index, Tensor keys, Tensor values, Tensor attention) {
    /** @return (G, N), the Euclidean length of each value */
    public Tensor valueNorms() {
        return torch.linalg_vector_norm(values, new Scalar(2.0), new long[] {-1}, false, new ScalarTypeOptional());
    }
}
