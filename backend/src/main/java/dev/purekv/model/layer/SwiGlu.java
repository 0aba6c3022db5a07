package dev.purekv.model.layer;

import dev.purekv.checkpoint.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** {@code down(silu(gate(x)) * up(x))}. */
public final class SwiGlu {
    private final Linear gate;
    private final Linear up;
    private final Linear down;

    private SwiGlu(Linear gate, Linear up, Linear down) {
        this.gate = gate;
        this.up = up;
        this.down = down;
    }

    public static SwiGlu load(Weights weights, long width, long inner) {
        return new SwiGlu(
                Linear.load(weights.at("gate_proj"), width, inner),
                Linear.load(weights.at("up_proj"), width, inner),
                Linear.load(weights.at("down_proj"), inner, width));
    }

    public static SwiGlu loadWithBias(Weights weights, long width, long inner) {
        return new SwiGlu(
                Linear.loadWithBias(weights.at("gate_proj"), width, inner),
                Linear.loadWithBias(weights.at("up_proj"), width, inner),
                Linear.loadWithBias(weights.at("down_proj"), inner, width));
    }

    /**
     * Adds the result to {@code sum} in place.
     *
     * @param sum (T, C)
     * @param x (T, C)
     */
    public void addTo(Tensor sum, Tensor x) {
        down.addTo(sum, torch.silu_(gate.apply(x)).mul_(up.apply(x)));
    }
}
