package dev.purekv.model.videollama2;

import dev.purekv.checkpoint.Weights;
import dev.purekv.model.layer.LayerNorm;
import dev.purekv.model.layer.Linear;
import dev.purekv.tensor.Native;
import dev.purekv.tensor.Tiles;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * A block of the connector's stages: a 1x1 convolution, a 3x3 one of each channel for itself, squeeze and excitation, another 1x1
 * convolution, and a shortcut around all of it.
 *
 * <p>Source: timm 1.0.3 {@code regnet.py}, the bottleneck of a {@code RegStage} with LayerNorm2d, SiLU and groups of one channel.
 * Here channels are the last axis, so that 1x1 convolutions are matrix products.
 */
final class Bottleneck {
    /** That of LayerNormAct2d, which timm puts in LayerNorm2d's place. */
    private static final double EPSILON = 1e-5;

    private static final long[] ONE = {1, 1};

    private final int in;
    private final int width;
    private final Tiles tiles;
    private final Linear first;
    private final LayerNorm firstNorm;
    private final Tensor middle; // (C, 1, 3, 3)
    private final LayerNorm middleNorm;
    private final Linear squeeze;
    private final Linear excite;
    private final Linear last;
    private final LayerNorm lastNorm;
    private final Linear shortcut; // null where the block keeps the width
    private final LayerNorm shortcutNorm;

    /**
     * @param in channels
     * @param width channels that it gives
     * @param tiles how much is computed at a time
     * @param hasShortcut whether the way around is a convolution too: in the first block of a stage that changes the width
     */
    Bottleneck(Weights weights, int in, int width, Tiles tiles, boolean hasShortcut) {
        // Python rounds half to even.
        int squeezed = (int) Math.rint(0.25 * in);
        this.in = in;
        this.width = width;
        this.tiles = tiles;
        this.first = Linear.of(matrix(weights.at("conv1"), in, width));
        this.firstNorm = norm(weights.at("conv1"), width);
        this.middle = weights.at("conv2.conv").take("weight", width, 1, 3, 3);
        this.middleNorm = norm(weights.at("conv2"), width);
        this.squeeze = pointwise(weights.at("se.fc1"), width, squeezed);
        this.excite = pointwise(weights.at("se.fc2"), squeezed, width);
        this.last = Linear.of(matrix(weights.at("conv3"), width, width));
        this.lastNorm = norm(weights.at("conv3"), width);
        this.shortcut = hasShortcut ? Linear.of(matrix(weights.at("downsample"), in, width)) : null;
        this.shortcutNorm = hasShortcut ? norm(weights.at("downsample"), width) : null;
    }

    private static Tensor matrix(Weights weights, int in, int out) {
        return weights.at("conv").take("weight", out, in, 1, 1).view(out, in);
    }

    private static Linear pointwise(Weights weights, int in, int out) {
        return Linear.of(weights.take("weight", out, in, 1, 1).view(out, in), weights.take("bias", out));
    }

    /** The names say "bn" whatever the norm is. */
    private static LayerNorm norm(Weights weights, int width) {
        return LayerNorm.load(weights.at("bn"), width, EPSILON);
    }

    /**
     * @param x (F S S, in): F frames of S rows and S columns
     * @param progress called before each tile; may throw to stop
     * @return (F S S, width)
     */
    Tensor apply(Tensor x, int frames, int side, Runnable progress) {
        long shortcutWork = shortcut == null ? 0 : (long) in * width;
        return Native.scoped(() -> {
            Tensor inner = Tiles.map(
                    x,
                    width,
                    tiles.rows((long) in * width),
                    progress,
                    rows -> torch.silu_(firstNorm.apply(first.apply(rows))));
            progress.run();
            Tensor y = torch.silu_(middleNorm.apply(depthwise(inner, frames, side)));
            Tensor cells = y.view(frames, (long) side * side, width);
            Tensor gate =
                    excite.apply(torch.silu_(squeeze.apply(cells.mean(1)))).sigmoid_(); // (F, width)
            cells.mul_(gate.unsqueeze(1));
            long tile = tiles.rows((long) width * width + shortcutWork);
            Tensor result = torch.empty_like(y);
            Tiles.over(
                    y.size(0),
                    tile,
                    progress,
                    (from, count) -> result.narrow(0, from, count)
                            .copy_(torch.silu_(lastNorm.apply(last.apply(y.narrow(0, from, count)))
                                    .add_(around(x.narrow(0, from, count))))));
            return result;
        });
    }

    private Tensor around(Tensor x) {
        return shortcut == null ? x : shortcutNorm.apply(shortcut.apply(x));
    }

    private Tensor depthwise(Tensor x, int frames, int side) {
        Tensor planes = x.view(frames, side, side, width).permute(0, 3, 1, 2); // (F, C, S, S), channels last in memory
        return torch.conv2d(planes, middle, new TensorOptional(), ONE, ONE, ONE, width)
                .permute(0, 2, 3, 1)
                .reshape((long) frames * side * side, width);
    }
}
