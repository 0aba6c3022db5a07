package dev.purekv.model.videollama2;

import dev.purekv.checkpoint.Weights;
import dev.purekv.model.layer.Linear;
import dev.purekv.tensor.ComputeDevice;
import dev.purekv.tensor.Native;
import dev.purekv.tensor.Tiles;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
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
    /** Visual tokens at a time: about 300 MB of what the joining convolution sees, at the released widths. */
    private static final int CHUNK_CELLS = 2048;

    private static final int JOINED = VideoLlama2Config.JOINED;

    private final VideoLlama2Config config;
    private final ComputeDevice device;
    private final Tiles tiles;
    private final List<Bottleneck> frameBlocks;
    private final Linear join;
    private final List<Bottleneck> sliceBlocks;
    private final Linear first;
    private final Linear second;

    StcConnector(VideoLlama2Config config, Weights weights, Tiles tiles, ComputeDevice device) {
        int in = config.tower().hidden();
        int width = config.text().hidden();
        this.config = config;
        this.device = device;
        this.tiles = tiles;
        this.frameBlocks = stage(weights.at("s1"), in, width, tiles);
        this.join = Linear.of(
                weights.at("sampler.0")
                        .take("weight", width, width, JOINED, JOINED, JOINED)
                        .view(width, -1),
                weights.at("sampler.0").take("bias", width));
        this.sliceBlocks = stage(weights.at("s2"), width, width, tiles);
        this.first = Linear.loadWithBias(weights.at("readout").at(0), width, width);
        this.second = Linear.loadWithBias(weights.at("readout").at(2), width, width);
    }

    private static List<Bottleneck> stage(Weights weights, int in, int width, Tiles tiles) {
        return IntStream.range(0, DEPTH)
                .mapToObj(i -> new Bottleneck(
                        weights.at("b" + (i + 1)), i == 0 ? in : width, width, tiles, i == 0 && in != width))
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
     * Everything behind the first stage, some slices at a time: none of it sees two of them.
     *
     * @param frames (T, S, S, C)
     * @param tokens (tokens, C), slice after slice and row by row, written here
     * @param progress called before each tile of work; may throw to stop
     */
    void tokens(Tensor frames, Tensor tokens, Runnable progress) {
        int slices = config.joined(Math.toIntExact(frames.size(0)));
        int side = config.joined(config.tower().side());
        int cells = side * side;
        int chunk = Math.max(1, CHUNK_CELLS / cells);
        for (int first = 0; first < slices; first += chunk) {
            int count = Math.min(chunk, slices - first);
            progress.run();
            try (PointerScope scope = new PointerScope()) {
                Tensor own = tokens.narrow(0, (long) first * cells, (long) count * cells);
                readOut(
                        run(sliceBlocks, join(cells(frames, first, count), progress), count, side, progress),
                        own,
                        progress);
            }
        }
    }

    private Tensor join(Tensor cells, Runnable progress) {
        long width = config.text().hidden();
        long tile = tiles.rows(cells.size(1) * width);
        return Tiles.map(cells, width, tile, progress, rows -> torch.silu_(join.apply(rows)));
    }

    private void readOut(Tensor x, Tensor tokens, Runnable progress) {
        long width = config.text().hidden();
        Tiles.over(
                x.size(0),
                tiles.rows(2 * width * width),
                progress,
                (from, count) -> tokens.narrow(0, from, count)
                        .copy_(second.apply(
                                torch.gelu(first.apply(x.narrow(0, from, count)))))); // exact, by the error function
    }

    private static Tensor run(List<Bottleneck> blocks, Tensor x, int frames, int side, Runnable progress) {
        Tensor y = x;
        for (Bottleneck block : blocks) {
            y = block.apply(y, frames, side, progress);
        }
        return y;
    }

    /**
     * What the joining convolution sees at each of its places in some slices: zeros around the frames where it pads, and nothing of
     * what is left over behind them.
     *
     * @return (slices rows columns, C 8); inside a row channel, frame, y, x, as in the weight
     */
    private Tensor cells(Tensor frames, int first, int slices) {
        long side = config.joined(Math.toIntExact(frames.size(1)));
        long width = frames.size(3);
        return Native.scoped(() -> {
            Tensor whole;
            if (config.padded()) {
                whole = device.empty((long) JOINED * slices, JOINED * side, JOINED * side, width)
                        .zero_();
                // Frame f stands at f + 1 of all slices.
                long from = Math.max(0, JOINED * first - 1L);
                long t = Math.min(frames.size(0), JOINED * (first + slices) - 1L) - from;
                long s = Math.min(frames.size(1), JOINED * side - 1);
                whole.narrow(0, from + 1 - (long) JOINED * first, t)
                        .narrow(1, 1, s)
                        .narrow(2, 1, s)
                        .copy_(inner(frames, from, t, s));
            } else {
                whole = inner(frames, (long) JOINED * first, (long) JOINED * slices, JOINED * side);
            }
            return whole.reshape(slices, JOINED, side, JOINED, side, JOINED, width)
                    .permute(0, 2, 4, 6, 1, 3, 5)
                    .reshape(slices * side * side, width * JOINED * JOINED * JOINED);
        });
    }

    /** The first {@code s} rows and columns of {@code t} frames. */
    private static Tensor inner(Tensor x, long from, long t, long s) {
        return x.narrow(0, from, t).narrow(1, 0, s).narrow(2, 0, s);
    }
}
