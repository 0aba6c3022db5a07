package dev.purekv.model.layer;

import dev.purekv.checkpoint.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** {@code x W^T + b}. */
public final class Linear {
    private final Tensor transposed; // (in, out), a view: the product reads it as it lies in the file
    private final Tensor bias; // (out), or null

    private Linear(Tensor weight, Tensor bias) {
        this.transposed = weight.t();
        this.bias = bias;
    }

    /** @param weight (out, in) */
    public static Linear of(Tensor weight) {
        return new Linear(weight, null);
    }

    public static Linear load(Weights weights, long in, long out) {
        return new Linear(weights.take("weight", out, in), null);
    }

    public static Linear loadWithBias(Weights weights, long in, long out) {
        return new Linear(weights.take("weight", out, in), weights.take("bias", out));
    }

    /**
     * @param x (T, in)
     * @return (T, out)
     */
    public Tensor apply(Tensor x) {
        return bias == null ? x.mm(transposed) : torch.addmm(bias, x, transposed);
    }

    /**
     * Adds the result to {@code sum} in place, within the matrix product itself.
     *
     * @param sum (T, out)
     * @param x (T, in)
     */
    public void addTo(Tensor sum, Tensor x) {
        if (bias != null) {
            sum.add_(bias);
        }
        sum.addmm_(x, transposed);
    }
}
