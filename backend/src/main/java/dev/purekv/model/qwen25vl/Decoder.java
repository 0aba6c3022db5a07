package dev.purekv.model.qwen25vl;

import dev.purekv.attention.Attention;
import dev.purekv.cache.KvCache;
import dev.purekv.checkpoint.Weights;
import dev.purekv.model.layer.Linear;
import dev.purekv.model.layer.RmsNorm;
import dev.purekv.model.layer.RotaryTable;
import dev.purekv.tensor.ComputeDevice;
import dev.purekv.tensor.Native;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** The language model: embedding, layers, and the logits of the last token. */
final class Decoder {
    private final TextConfig config;
    private final ComputeDevice device;
    private final Tensor embedding; // (V, C)
    private final List<DecoderLayer> layers;
    private final RmsNorm norm;
    private final Linear head;
    private final MultimodalRope rope;

    /** @param root the checkpoint's weights, from {@code model} and {@code lm_head} on */
    Decoder(TextConfig config, Weights root, Attention attention, ComputeDevice device) {
        Weights weights = root.at("model");
        this.config = config;
        this.device = device;
        this.embedding = weights.at("embed_tokens").take("weight", config.vocabulary(), config.hidden());
        this.layers = IntStream.range(0, config.layers())
                .mapToObj(i -> new DecoderLayer(config, weights.at("layers").at(i), attention))
                .toList();
        this.norm = RmsNorm.load(weights.at("norm"), config.hidden(), config.epsilon());
        this.head = config.tied()
                ? Linear.of(embedding)
                : Linear.load(root.at("lm_head"), config.hidden(), config.vocabulary());
        this.rope = new MultimodalRope(config, device);
        if (config.tied()) {
            root.at("lm_head").requireCopy("weight", embedding);
        }
    }

    /** @return (T, C), new memory */
    Tensor embed(int... ids) {
        return Native.scoped(() -> embedding.index_select(0, device.indices(ids)));
    }

    KvCache reserve(int capacityTokens) {
        return KvCache.reserve(
                new KvCache.Shape(config.layers(), config.keyValueHeads(), capacityTokens, config.headWidth()), device);
    }

    /**
     * Appends tokens to the cache.
     *
     * @param hidden (T, C) embeddings; overwritten
     * @param progress called between layers; may throw to stop
     * @return logits (V) of the last of them
     */
    Tensor run(Tensor hidden, RopePositions positions, KvCache cache, Runnable progress) {
        return Native.scoped(() -> {
            RotaryTable rotary = rope.table(positions);
            Tensor x = hidden;
            for (int i = 0; i < layers.size(); i++) {
                progress.run();
                int layer = i;
                Tensor input = x;
                long kept = i == layers.size() - 1 ? 1 : input.size(0);
                x = Native.scoped(() -> layers.get(layer).run(input, rotary, cache.layer(layer), kept));
            }
            return head.apply(norm.apply(x)).view(config.vocabulary());
        });
    }
}
