package dev.purekv.model.layer;

import dev.purekv.checkpoint.Weights;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** {@code w x / sqrt(mean(x^2) + epsilon)}, over the last axis. */
public final class RmsNorm {
    private final long width;
    private final TensorOptional weight;
    private final DoubleOptional epsilon;

    private RmsNorm(long width, Tensor weight, double epsilon) {
        this.width = width;
        this.weight = new TensorOptional(weight);
        this.epsilon = new DoubleOptional(epsilon);
    }

    public static RmsNorm load(Weights weights, long width, double epsilon) {
        return new RmsNorm(width, weights.take("weight", width), epsilon);
    }

    /**
     * @param x (..., C)
     * @return the same shape
     */
    public Tensor apply(Tensor x) {
        return torch.rms_norm(x, new long[] {width}, weight, epsilon);
    }
}
