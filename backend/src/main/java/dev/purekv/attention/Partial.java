package dev.purekv.attention;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Attention over a part of the keys, with what is needed to go on with the others.
 *
 * @param out (..., D), the mean of the values weighed by this part's own softmax
 * @param lse (...), the logarithm of the sum of this part's exponentiated scores, natural, float32
 */
public record Partial(Tensor out, Tensor lse) {
    /** @return a view with its leading dimensions in another order */
    public Partial permuted(long... order) {
        long[] withWidth = Arrays.copyOf(order, order.length + 1);
        withWidth[order.length] = order.length;
        return new Partial(out.permute(withWidth), lse.permute(order));
    }

    /** @return a view of another shape of the leading dimensions */
    public Partial viewed(long... leading) {
        long[] withWidth = Arrays.copyOf(leading, leading.length + 1);
        withWidth[leading.length] = out.size(-1);
        return new Partial(out.view(withWidth), lse.view(leading));
    }

    /** @return a view of some of the first dimension */
    public Partial narrowed(long start, long length) {
        return new Partial(out.narrow(0, start, length), lse.narrow(0, start, length));
    }

    /**
     * Makes this the attention over both parts' keys, in place; exact, for no key is in both.
     *
     * <p>With weights e^a / (e^a + e^b) and e^b / (e^a + e^b), the second of which is sigmoid(b - a): no exponential of a
     * score itself is ever taken, so none overflows.
     */
    public void absorb(Partial other) {
        Tensor weight = other.lse.sub(lse).sigmoid_().unsqueeze(-1); // (..., 1)
        out.lerp_(other.out, weight);
        lse.copy_(torch.logaddexp(lse, other.lse));
    }
}
