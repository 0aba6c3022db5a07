package dev.purekv.attention.sparse;

import dev.purekv.tensor.Native;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The definition: all scores, in float32, with those that the pattern does not allow set to minus infinity. */
public final class MaskedSparseAttention implements SparseAttention {
    @Override
    public Tensor attend(Tensor q, Tensor k, Tensor v, Visibility pattern) {
        SparseAttention.requireSameTokens(q, k, pattern);
        return Native.scoped(() -> {
            long group = q.size(1) / k.size(0);
            return q.transpose(0, 1)
                    .matmul(repeated(k, group).transpose(1, 2))
                    .div(new Scalar(Math.sqrt(q.size(2))))
                    .add(mask(pattern, (int) q.size(0))) // (H, T, N)
                    .softmax(-1)
                    .matmul(repeated(v, group))
                    .transpose(0, 1); // (T, H, D)
        });
    }

    /** @return (T, N) for the last {@code queries} tokens: zero where a token sees another, minus infinity elsewhere */
    private static Tensor mask(Visibility pattern, int queries) {
        int tokens = pattern.tokens();
        float[] mask = new float[Math.multiplyExact(queries, tokens)];
        for (int i = 0; i < queries; i++) {
            for (int j = 0; j < tokens; j++) {
                mask[i * tokens + j] = pattern.allows(tokens - queries + i, j) ? 0 : Float.NEGATIVE_INFINITY;
            }
        }
        return Tensor.create(mask, queries, tokens);
    }

    /** @return (H, N, D): each key/value head once per query head of its group, side by side */
    private static Tensor repeated(Tensor heads, long group) {
        return torch.repeat_interleave(heads, group, new LongOptional(0), new LongOptional());
    }
}
