package dev.purekv.model.qwen25vl;

import dev.purekv.checkpoint.Weights;
import dev.purekv.model.layer.Linear;
import dev.purekv.model.layer.RmsNorm;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Joins the patches of a cell into one visual token of the decoder's width. */
final class PatchMerger {
    private final long joined;
    private final long width;
    private final RmsNorm norm;
    private final Linear first;
    private final Linear second;

    PatchMerger(VisionConfig config, Weights weights) {
        this.joined = (long) config.hidden() * config.cellPatches();
        this.width = config.outHidden();
        this.norm = RmsNorm.load(weights.at("ln_q"), config.hidden(), VisionTower.EPSILON);
        this.first = Linear.loadWithBias(weights.at("mlp").at(0), joined, joined);
        this.second = Linear.loadWithBias(weights.at("mlp").at(2), joined, config.outHidden());
    }

    /** Multiplications of one visual token. */
    long work() {
        return joined * (joined + width);
    }

    /**
     * @param hidden (P, C), the patches of a cell side by side
     * @return (P / patches of a cell, decoder width)
     */
    Tensor apply(Tensor hidden) {
        Tensor cells = norm.apply(hidden).view(-1, joined);
        return second.apply(torch.gelu(first.apply(cells))); // exact, by the error function
    }
}
