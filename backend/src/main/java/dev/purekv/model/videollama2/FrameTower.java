package dev.purekv.model.videollama2;

import dev.purekv.attention.SegmentAttention;
import dev.purekv.checkpoint.Weights;
import dev.purekv.media.Frame;
import dev.purekv.model.input.PixelNormalisation;
import dev.purekv.model.layer.LayerNorm;
import dev.purekv.model.layer.Linear;
import dev.purekv.tensor.ComputeDevice;
import dev.purekv.tensor.Native;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The vision tower: sees each frame for itself. Layers behind the selected one and the norm and head at its end are never
 * computed, so their weights are not taken.
 */
final class FrameTower {
    private static final int LEVELS = 256;

    private final TowerConfig config;
    private final ComputeDevice device;
    private final float[] table; // normalised number of each channel and level
    private final Linear patchEmbedding;
    private final Tensor classEmbedding; // (1, C), or null
    private final Tensor positions; // (P, C), the class token's before the others
    private final LayerNorm before; // or null
    private final List<VisionLayer> layers;

    /** @param run layers that are computed */
    FrameTower(
            TowerConfig config,
            int run,
            Weights weights,
            SegmentAttention attention,
            PixelNormalisation pixels,
            ComputeDevice device) {
        int width = config.hidden();
        Weights embeddings = weights.at("embeddings");
        this.config = config;
        this.device = device;
        this.table = pixels.table();
        this.patchEmbedding = patchEmbedding(config, embeddings.at("patch_embedding"));
        this.classEmbedding =
                config.clip() ? embeddings.take("class_embedding", width).view(1, width) : null;
        this.positions =
                embeddings.at("position_embedding").take("weight", config.patches() + (config.clip() ? 1 : 0), width);
        this.before = config.clip() ? LayerNorm.load(weights.at("pre_layrnorm"), width, config.epsilon()) : null;
        this.layers = IntStream.range(0, run)
                .mapToObj(i ->
                        new VisionLayer(config, weights.at("encoder.layers").at(i), attention))
                .toList();
    }

    /** A convolution whose stride is its kernel is a product with the flattened patch. */
    private static Linear patchEmbedding(TowerConfig config, Weights weights) {
        Tensor weight = weights.take("weight", config.hidden(), 3, config.patch(), config.patch())
                .view(config.hidden(), config.patchValues());
        return config.clip() ? Linear.of(weight) : Linear.of(weight, weights.take("bias", config.hidden()));
    }

    /**
     * @param frames F, each of the tower's size
     * @param progress called before each tile of work; may throw to stop
     * @return (F P, C), the features of all patches, row by row
     */
    Tensor features(List<Frame> frames, Runnable progress) {
        return Native.scoped(() -> {
            int count = frames.size();
            progress.run();
            Tensor hidden = embed(frames); // (F P, C) or, with class tokens, (F (P + 1), C)
            for (VisionLayer layer : layers) {
                try (PointerScope scope = new PointerScope()) {
                    layer.run(hidden, count, progress);
                }
            }
            return config.clip()
                    ? hidden.view(count, config.patches() + 1L, config.hidden())
                            .narrow(1, 1, config.patches())
                            .reshape((long) count * config.patches(), config.hidden())
                    : hidden;
        });
    }

    private Tensor embed(List<Frame> frames) {
        float[] rows = new float[Math.multiplyExact(frames.size() * config.patches(), config.patchValues())];
        for (int i = 0; i < frames.size(); i++) {
            read(frames.get(i), rows, i * config.patches() * config.patchValues());
        }
        return Native.scoped(() -> {
            Tensor patches = patchEmbedding
                    .apply(device.floats(rows, (long) frames.size() * config.patches(), config.patchValues()))
                    .view(frames.size(), config.patches(), config.hidden());
            Tensor tokens = classEmbedding == null
                    ? patches
                    : torch.cat(
                            new TensorVector(
                                    classEmbedding.unsqueeze(0).expand(frames.size(), 1, config.hidden()), patches),
                            1);
            Tensor placed = tokens.add(positions).view(-1, config.hidden());
            return before == null ? placed : before.apply(placed);
        });
    }

    /** Rows of patches; inside a row channel, y, x. */
    private void read(Frame frame, float[] rows, int offset) {
        requireSize(frame);
        int out = offset;
        for (int patch = 0; patch < config.patches(); patch++) {
            int top = patch / config.side() * config.patch();
            int left = patch % config.side() * config.patch();
            for (int channel = 0; channel < 3; channel++) {
                for (int y = top; y < top + config.patch(); y++) {
                    int in = (y * frame.width() + left) * 3 + channel;
                    for (int x = 0; x < config.patch(); x++) {
                        rows[out++] = table[channel * LEVELS + (frame.rgb()[in + 3 * x] & 0xff)];
                    }
                }
            }
        }
    }

    private void requireSize(Frame frame) {
        if (frame.width() != config.image() || frame.height() != config.image()) {
            throw new IllegalArgumentException("expected frames of " + config.image() + "x" + config.image() + ", got "
                    + frame.width() + "x" + frame.height());
        }
    }
}
