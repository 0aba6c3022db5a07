package dev.purekv.model.layer;

import dev.purekv.checkpoint.Weights;
import dev.purekv.tensor.Native;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * {@code x W^T + b}.
 *
 * <p>The BLAS library has no good path for a handful of rows, which is what decoding multiplies: where a matrix is wider than
 * it is deep, {@code (W x^T)^T} reads the weights two to three times as fast as {@code x W^T}, down to two rows, so that even
 * one row is better sent twice. Decision 0007 has the figures.
 */
public final class Linear {
    /** Rows up to which the other order of the product is faster. */
    private static final int FEW = 32;

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

    /**
     * @param weight (out, in)
     * @param bias (out)
     */
    public static Linear of(Tensor weight, Tensor bias) {
        return new Linear(weight, bias);
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
        if (x.size(0) <= FEW && transposed.size(1) >= transposed.size(0)) {
            return few(x);
        }
        return bias == null ? x.mm(transposed) : torch.addmm(bias, x, transposed);
    }

    private Tensor few(Tensor x) {
        return Native.scoped(() -> {
            Tensor columns =
                    x.size(0) == 1 ? torch.cat(new TensorVector(x, x), 0).t() : x.t(); // (in, T)
            Tensor product =
                    transposed.t().mm(columns).t().narrow(0, 0, x.size(0)).contiguous(); // (T, out)
            return bias == null ? product : product.add_(bias);
        });
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
