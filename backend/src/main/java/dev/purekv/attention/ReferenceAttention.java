package dev.purekv.attention;

import dev.purekv.tensor.Native;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The definition, dense, in float32, with its mask in the open. Every other attention is tested against it. */
public final class ReferenceAttention implements Attention {
    @Override
    public Tensor causal(Tensor q, Tensor k, Tensor v) {
        return Native.scoped(() -> {
            long group = q.size(1) / k.size(0);
            Tensor hidden = torch.ones_like(scores(q.select(1, 0), k.select(0, 0)))
                    .tril(k.size(1) - q.size(0)) // token i of the last T is token N - T + i of all
                    .eq(new Scalar(0)); // (T, N)
            Tensor scores = scores(q.transpose(0, 1), repeated(k, group)); // (H, T, N)
            return scores.masked_fill(hidden, new Scalar(Double.NEGATIVE_INFINITY))
                    .softmax(-1)
                    .matmul(repeated(v, group))
                    .transpose(0, 1); // (T, H, D)
        });
    }

    @Override
    public Tensor full(Tensor q, Tensor k, Tensor v) {
        return Native.scoped(() -> scores(q.transpose(1, 2), k.transpose(1, 2)) // (B, H, T, T)
                .softmax(-1)
                .matmul(v.transpose(1, 2))
                .transpose(1, 2)); // (B, T, H, D)
    }

    private static Tensor scores(Tensor q, Tensor k) {
        return q.matmul(k.transpose(-2, -1)).div(new Scalar(Math.sqrt(q.size(-1))));
    }

    /** @return (H, N, D): each key/value head once per query head of its group, side by side */
    private static Tensor repeated(Tensor heads, long group) {
        return torch.repeat_interleave(heads, group, new LongOptional(0), new LongOptional());
    }
}
