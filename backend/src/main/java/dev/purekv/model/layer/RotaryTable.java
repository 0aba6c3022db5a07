package dev.purekv.model.layer;

import dev.purekv.tensor.ComputeDevice;
import dev.purekv.tensor.Native;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Cosines and sines of rotary positions, for pairs (i, i + D/2). Everything is float32, as in the reference: exact angles
 * would differ from it by 1e-3 some ten thousand tokens in.
 *
 * <p>The sine of the first half is stored negated, so that a rotation is {@code x cos + roll(x, D/2) sin}.
 */
public final class RotaryTable {
    private final Tensor cos; // (T, 1, D)
    private final Tensor sin; // (T, 1, D)

    private RotaryTable(Tensor cos, Tensor sin) {
        this.cos = cos;
        this.sin = sin;
    }

    /**
     * @param angles T times D/2 of them, row by row
     * @return a table in the caller's scope
     */
    public static RotaryTable of(float[] angles, int tokens, ComputeDevice device) {
        Tensor half = device.floats(angles, tokens, 1, angles.length / tokens); // (T, 1, D/2)
        Tensor cos = Native.scoped(half::cos);
        Tensor sin = Native.scoped(half::sin);
        return new RotaryTable(
                Native.scoped(() -> torch.cat(new TensorVector(cos, cos), -1)),
                Native.scoped(() -> torch.cat(new TensorVector(sin.neg(), sin), -1)));
    }

    /** @param tokens (M) int64 */
    public RotaryTable select(Tensor tokens) {
        return new RotaryTable(cos.index_select(0, tokens), sin.index_select(0, tokens));
    }

    /** @return the table of some of the positions */
    public RotaryTable narrow(long first, long tokens) {
        return first == 0 && tokens == cos.size(0)
                ? this
                : new RotaryTable(cos.narrow(0, first, tokens), sin.narrow(0, first, tokens));
    }

    /**
     * @param x (..., T, H, D)
     * @return the same shape
     */
    public Tensor rotate(Tensor x) {
        long half = x.size(-1) / 2;
        return x.mul(cos).addcmul_(x.roll(new long[] {half}, -1), sin);
    }

    /**
     * Inverse frequencies as the reference computes them, operation by operation.
     *
     * @return {@code base^(-2i/width)} for i below width/2
     */
    public static float[] inverseFrequencies(double base, int width) {
        float[] exponents = new float[width / 2];
        for (int i = 0; i < exponents.length; i++) {
            exponents[i] = (float) (2 * i) / width;
        }
        float[] frequencies = new float[exponents.length];
        Native.scoped(() -> {
            Tensor result =
                    torch.pow(new Scalar(base), Tensor.create(exponents)).reciprocal();
            result.data_ptr_float().get(frequencies);
            return result;
        });
        return frequencies;
    }
}
