package dev.purekv.model.videollama2;

import dev.purekv.attention.SegmentAttention;
import dev.purekv.checkpoint.Weights;
import dev.purekv.model.layer.LayerNorm;
import dev.purekv.model.layer.Linear;
import dev.purekv.tensor.Tiles;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** One layer of a CLIP or SigLIP tower: attention inside a frame, then two matrices. */
final class VisionLayer {
    private final TowerConfig config;
    private final SegmentAttention attention;
    private final LayerNorm attentionNorm;
    private final LayerNorm mlpNorm;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear output;
    private final Linear first;
    private final Linear second;

    VisionLayer(TowerConfig config, Weights weights, SegmentAttention attention) {
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
     * Runs the layer in place, a tile at a time.
     *
     * @param hidden (F P, C): F frames of P tokens
     * @param progress called before each tile; may throw to stop
     */
    void run(Tensor hidden, int frames, Runnable progress) {
        long rows = hidden.size(0);
        long width = config.hidden();
        Tensor q = torch.empty_like(hidden);
        Tensor k = torch.empty_like(hidden);
        Tensor v = torch.empty_like(hidden);
        Tensor attended = torch.empty_like(hidden);
        Tiles.over(rows, attention.tiles().rows(3 * width * width), progress, (from, count) -> {
            Tensor normed = attentionNorm.apply(hidden.narrow(0, from, count));
            q.narrow(0, from, count).copy_(query.apply(normed));
            k.narrow(0, from, count).copy_(key.apply(normed));
            v.narrow(0, from, count).copy_(value.apply(normed));
        });
        attention.run(
                new SegmentAttention.Rows(
                        split(q, frames), split(k, frames), split(v, frames), split(attended, frames)),
                SegmentAttention.Segments.whole(rows / frames),
                progress);
        long perRow = width * (width + 2L * config.intermediate());
        Tiles.over(rows, attention.tiles().rows(perRow), progress, (from, count) -> {
            Tensor part = hidden.narrow(0, from, count);
            output.addTo(part, attended.narrow(0, from, count));
            second.addTo(part, config.activation().apply(first.apply(mlpNorm.apply(part))));
        });
    }

    /** @return (F, P, H, D), a view */
    private Tensor split(Tensor x, int frames) {
        return x.view(frames, -1, config.heads(), config.headWidth());
    }
}
