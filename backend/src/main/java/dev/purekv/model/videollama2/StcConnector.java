package dev.purekv.model.videollama2;

import dev.purekv.checkpoint.Weights;
import dev.purekv.model.layer.Linear;
import dev.purekv.tensor.ComputeDevice;
import dev.purekv.tensor.Native;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The spatial-temporal convolution connector: four blocks a frame, a 2x2x2 convolution that joins frames, rows and columns, four
 * blocks a slice, and two matrices.
 *
 * <p>Source: {@code STCConnector} and {@code STCConnectorV35} in the original's {@code projector.py}; they differ in the padding of
 * the joining convolution alone. What differs here: that convolution's stride is its kernel, so it is a matrix product.
 */
final class StcConnector {
    private static final int DEPTH = 4;
    private static final int JOINED = VideoLlama2Config.JOINED;

    private final VideoLlama2Config config;
    private final ComputeDevice device;
    private final List<Bottleneck> frameBlocks;
    private final Linear join;
    private final List<Bottleneck> sliceBlocks;
    private final Linear first;
    private final Linear second;

    StcConnector(VideoLlama2Config config, Weights weights, ComputeDevice device) {
        int in = config.tower().hidden();
        int width = config.text().hidden();
        this.config = config;
        this.device = device;
        this.frameBlocks = stage(weights.at("s1"), in, width);
        this.join = Linear.of(
                weights.at("sampler.0")
                        .take("weight", width, width, JOINED, JOINED, JOINED)
                        .view(width, -1),
                weights.at("sampler.0").take("bias", width));
        this.sliceBlocks = stage(weights.at("s2"), width, width);
        this.first = Linear.loadWithBias(weights.at("readout").at(0), width, width);
        this.second = Linear.loadWithBias(weights.at("readout").at(2), width, width);
    }

    private static List<Bottleneck> stage(Weights weights, int in, int width) {
        return IntStream.range(0, DEPTH)
                .mapToObj(i ->
                        new Bottleneck(weights.at("b" + (i + 1)), i == 0 ? in : width, width, i == 0 && in != width))
                .toList();
    }

    /**
     * The first stage, for some frames.
     *
     * @param features (F S S, tower width)
     * @return (F, S, S, C)
     */
    Tensor frames(Tensor features, Runnable progress) {
        int side = config.tower().side();
        int frames = Math.toIntExact(features.size(0) / ((long) side * side));
        return Native.scoped(() -> run(frameBlocks, features, frames, side, progress)
                .view(frames, side, side, config.text().hidden()));
    }

    /**
     * Everything behind the first stage.
     *
     * @param frames (T, S, S, C)
     * @return (tokens, C), slice after slice and row by row
     */
    Tensor tokens(Tensor frames, Runnable progress) {
        return Native.scoped(() -> {
            int slices = config.joined(Math.toIntExact(frames.size(0)));
            Tensor joined = torch.silu_(join.apply(cells(frames)));
            progress.run();
            Tensor x = run(
                    sliceBlocks, joined, slices, config.joined(config.tower().side()), progress);
            return second.apply(torch.gelu(first.apply(x))); // exact, by the error function
        });
    }

    private static Tensor run(List<Bottleneck> blocks, Tensor x, int frames, int side, Runnable progress) {
        Tensor y = x;
        for (Bottleneck block : blocks) {
            progress.run();
            y = block.apply(y, frames, side);
        }
        return y;
    }

    /**
     * What the joining convolution sees at each of its places: zeros around the frames where it pads, and nothing of what is left
     * over behind them.
     *
     * @return (slices rows columns, C 8); inside a row channel, frame, y, x, as in the weight
     */
    private Tensor cells(Tensor frames) {
        long slices = config.joined(Math.toIntExact(frames.size(0)));
        long side = config.joined(Math.toIntExact(frames.size(1)));
        long width = frames.size(3);
        return Native.scoped(() -> {
            Tensor whole = frames;
            if (config.padded()) {
                whole = device.empty(JOINED * slices, JOINED * side, JOINED * side, width)
                        .zero_();
                long t = Math.min(frames.size(0), JOINED * slices - 1);
                long s = Math.min(frames.size(1), JOINED * side - 1);
                inner(whole, 1, t, s).copy_(inner(frames, 0, t, s));
            }
            return inner(whole, 0, JOINED * slices, JOINED * side)
                    .reshape(slices, JOINED, side, JOINED, side, JOINED, width)
                    .permute(0, 2, 4, 6, 1, 3, 5)
                    .reshape(slices * side * side, width * JOINED * JOINED * JOINED);
        });
    }

    private static Tensor inner(Tensor x, long from, long t, long s) {
        return x.narrow(0, from, t).narrow(1, from, s).narrow(2, from, s);
    }
}
