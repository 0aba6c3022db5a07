package dev.purekv.model.videollama2;

import dev.purekv.attention.Attention;
import dev.purekv.checkpoint.Weights;
import dev.purekv.model.layer.LayerNorm;
import dev.purekv.model.layer.Linear;
import org.bytedeco.pytorch.Tensor;

/** One layer of a CLIP or SigLIP tower: attention inside a frame, then two matrices. */
final class VisionLayer {
    private final TowerConfig config;
    private final Attention attention;
    private final LayerNorm attentionNorm;
    private final LayerNorm mlpNorm;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear output;
    private final Linear first;
    private final Linear second;

    VisionLayer(TowerConfig config, Weights weights, Attention attention) {
        int width = config.hidden();
        Weights self = weights.at("self_attn");
        this.config = config;
        this.attention = attention;
        this.attentionNorm = LayerNorm.load(weights.at("layer_norm1"), width, config.epsilon());
        this.mlpNorm = LayerNorm.load(weights.at("layer_norm2"), width, config.epsilon());
        this.query = Linear.loadWithBias(self.at("q_proj"), width, width);
        this.key = Linear.loadWithBias(self.at("k_proj"), width, width);
        this.value = Linear.loadWithBias(self.at("v_proj"), width, width);
        this.output = Linear.loadWithBias(self.at("out_proj"), width, width);
        this.first = Linear.loadWithBias(weights.at("mlp").at("fc1"), width, config.intermediate());
        this.second = Linear.loadWithBias(weights.at("mlp").at("fc2"), config.intermediate(), width);
    }

    /**
     * Runs the layer in place.
     *
     * @param hidden (F P, C): F frames of P tokens
     */
    void run(Tensor hidden, int frames) {
        Tensor normed = attentionNorm.apply(hidden);
        Tensor attended = attention.full(
                split(query.apply(normed), frames),
                split(key.apply(normed), frames),
                split(value.apply(normed), frames)); // (F, P, H, D)
        output.addTo(hidden, attended.reshape(-1, config.hidden()));
        second.addTo(hidden, config.activation().apply(first.apply(mlpNorm.apply(hidden))));
    }

    private Tensor split(Tensor x, int frames) {
        return x.view(frames, -1, config.heads(), config.headWidth());
    }
}
