package dev.purekv.model.qwen25vl;

import dev.purekv.attention.Attention;
import dev.purekv.checkpoint.Weights;
import dev.purekv.model.layer.Linear;
import dev.purekv.model.layer.RmsNorm;
import dev.purekv.model.layer.RotaryTable;
import dev.purekv.model.layer.SwiGlu;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** One block of the vision tower: attention inside windows or slices, then SwiGLU with biases. */
final class VisionBlock {
    private final VisionConfig config;
    private final Attention attention;
    private final RmsNorm attentionNorm;
    private final RmsNorm mlpNorm;
    private final Linear queryKeyValue;
    private final Linear output;
    private final SwiGlu mlp;

    VisionBlock(VisionConfig config, Weights weights, Attention attention) {
        int width = config.hidden();
        this.config = config;
        this.attention = attention;
        this.attentionNorm = RmsNorm.load(weights.at("norm1"), width, VisionTower.EPSILON);
        this.mlpNorm = RmsNorm.load(weights.at("norm2"), width, VisionTower.EPSILON);
        this.queryKeyValue = Linear.loadWithBias(weights.at("attn").at("qkv"), width, 3L * width);
        this.output = Linear.loadWithBias(weights.at("attn").at("proj"), width, width);
        this.mlp = SwiGlu.loadWithBias(weights.at("mlp"), width, config.intermediate());
    }

    /**
     * Runs the block in place.
     *
     * @param hidden (T P, C): T slices of P patches
     * @param rotary of one slice's P patches; all slices share it
     * @param segments what attends among itself, in cells of a slice
     */
    void run(Tensor hidden, RotaryTable rotary, int patches, List<WindowLayout.Run> segments) {
        Tensor qkv = queryKeyValue
                .apply(attentionNorm.apply(hidden))
                .view(-1, patches, 3, config.heads(), config.headWidth()); // (T, P, 3, H, D)
        Tensor q = rotary.rotate(qkv.select(2, 0)); // (T, P, H, D)
        Tensor k = rotary.rotate(qkv.select(2, 1));
        Tensor attended = attend(q, k, qkv.select(2, 2), segments); // (T, P, H, D)
        output.addTo(hidden, attended.reshape(-1, config.hidden()));
        mlp.addTo(hidden, mlpNorm.apply(hidden));
    }

    private Tensor attend(Tensor q, Tensor k, Tensor v, List<WindowLayout.Run> segments) {
        TensorVector parts = new TensorVector();
        for (WindowLayout.Run run : segments) {
            Tensor part = attention.full(segment(q, run), segment(k, run), segment(v, run));
            parts.push_back(part.reshape(q.size(0), -1, q.size(2), q.size(3)));
        }
        return parts.size() == 1 ? parts.get(0) : torch.cat(parts, 1);
    }

    /** @return (T * windows, patches of a window, H, D) */
    private Tensor segment(Tensor x, WindowLayout.Run run) {
        int cellPatches = config.cellPatches();
        return x.narrow(1, (long) run.start() * cellPatches, (long) (run.end() - run.start()) * cellPatches)
                .reshape(-1, (long) run.cells() * cellPatches, x.size(2), x.size(3));
    }
}
