package dev.purekv.model.qwen25vl;

import dev.purekv.attention.SegmentAttention;
import dev.purekv.checkpoint.Weights;
import dev.purekv.model.layer.Linear;
import dev.purekv.model.layer.RmsNorm;
import dev.purekv.model.layer.RotaryTable;
import dev.purekv.model.layer.SwiGlu;
import dev.purekv.tensor.Tiles;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** One block of the vision tower: attention inside windows or slices, then SwiGLU with biases. */
final class VisionBlock {
    private final VisionConfig config;
    private final SegmentAttention attention;
    private final RmsNorm attentionNorm;
    private final RmsNorm mlpNorm;
    private final Linear queryKeyValue;
    private final Linear output;
    private final SwiGlu mlp;

    VisionBlock(VisionConfig config, Weights weights, SegmentAttention attention) {
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
     * Runs the block in place, a tile at a time.
     *
     * @param hidden (T P, C): T slices of P patches
     * @param rotary of the same T P patches
     * @param runs what attends among itself, in cells of a slice
     * @param progress called before each tile; may throw to stop
     */
    void run(Tensor hidden, RotaryTable rotary, int patches, List<WindowLayout.Run> runs, Runnable progress) {
        long rows = hidden.size(0);
        long width = config.hidden();
        Tensor q = heads(hidden); // (T P, H, D)
        Tensor k = heads(hidden);
        Tensor v = heads(hidden);
        Tensor attended = heads(hidden);
        Tiles.over(rows, attention.tiles().rows(3 * width * width), progress, (from, count) -> {
            Tensor qkv = queryKeyValue
                    .apply(attentionNorm.apply(hidden.narrow(0, from, count)))
                    .view(count, 3, config.heads(), config.headWidth()); // (R, 3, H, D)
            RotaryTable turn = rotary.narrow(from, count);
            q.narrow(0, from, count).copy_(turn.rotate(qkv.select(1, 0)));
            k.narrow(0, from, count).copy_(turn.rotate(qkv.select(1, 1)));
            v.narrow(0, from, count).copy_(qkv.select(1, 2));
        });
        SegmentAttention.Rows slices = new SegmentAttention.Rows(
                slices(q, patches), slices(k, patches), slices(v, patches), slices(attended, patches));
        runs.forEach(run -> attention.run(slices, patches(run), progress));
        long perRow = width * (width + 3L * config.intermediate());
        Tiles.over(rows, attention.tiles().rows(perRow), progress, (from, count) -> {
            Tensor part = hidden.narrow(0, from, count);
            output.addTo(part, attended.narrow(0, from, count).view(count, width));
            mlp.addTo(part, mlpNorm.apply(part));
        });
    }

    private Tensor heads(Tensor hidden) {
        return torch.empty(new long[] {hidden.size(0), config.heads(), config.headWidth()}, hidden.options(), null);
    }

    /** @return (T, P, H, D), a view */
    private static Tensor slices(Tensor x, int patches) {
        return x.view(-1, patches, x.size(1), x.size(2));
    }

    private SegmentAttention.Segments patches(WindowLayout.Run run) {
        long cell = config.cellPatches();
        return new SegmentAttention.Segments(run.start() * cell, run.windows(), run.cells() * cell);
    }
}
