package dev.purekv.model.layer;

import dev.purekv.checkpoint.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** {@code w (x - mean(x)) / sqrt(var(x) + epsilon) + b}, over the last axis. */
public final class LayerNorm {
    private final long width;
    private final TensorOptional weight;
    private final TensorOptional bias;
    private final double epsilon;

    private LayerNorm(long width, Tensor weight, Tensor bias, double epsilon) {
        this.width = width;
        this.weight = new TensorOptional(weight);
        this.bias = new TensorOptional(bias);
        this.epsilon = epsilon;
    }

    public static LayerNorm load(Weights weights, long width, double epsilon) {
        return new LayerNorm(width, weights.take("weight", width), weights.take("bias", width), epsilon);
    }

    /**
     * @param x (..., C)
     * @return the same shape
     */
    public Tensor apply(Tensor x) {
        return torch.layer_norm(x, new long[] {width}, weight, bias, epsilon, false);
    }
}
