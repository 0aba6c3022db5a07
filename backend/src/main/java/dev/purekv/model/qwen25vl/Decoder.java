package dev.purekv.model.qwen25vl;

import dev.purekv.attention.Attention;
import dev.purekv.attention.sparse.SparsePrefill;
import dev.purekv.cache.KvCache;
import dev.purekv.checkpoint.Weights;
import dev.purekv.compression.Compression;
import dev.purekv.compression.CompressionPlan;
import dev.purekv.compression.PrefillCompression;
import dev.purekv.model.layer.Linear;
import dev.purekv.model.layer.RmsNorm;
import dev.purekv.model.layer.RotaryTable;
import dev.purekv.tensor.ComputeDevice;
import dev.purekv.tensor.Native;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** The language model: embedding, layers, and the logits of the last token. */
final class Decoder {
    private final TextConfig config;
    private final ComputeDevice device;
    private final Attention attention;
    private final Tensor embedding; // (V, C)
    private final List<DecoderLayer> layers;
    private final RmsNorm norm;
    private final Linear head;
    private final MultimodalRope rope;
    private final DecoderLayer.Pass one;

    /** @param root the checkpoint's weights, from {@code model} and {@code lm_head} on */
    Decoder(TextConfig config, Weights root, Attention attention, ComputeDevice device) {
        Weights weights = root.at("model");
        this.config = config;
        this.device = device;
        this.attention = attention;
        this.embedding = weights.at("embed_tokens").take("weight", config.vocabulary(), config.hidden());
        this.layers = IntStream.range(0, config.layers())
                .mapToObj(i -> new DecoderLayer(config, weights.at("layers").at(i)))
                .toList();
        this.norm = RmsNorm.load(weights.at("norm"), config.hidden(), config.epsilon());
        this.head = config.tied()
                ? Linear.of(embedding)
                : Linear.load(root.at("lm_head"), config.hidden(), config.vocabulary());
        this.rope = new MultimodalRope(config, device);
        this.one = new DecoderLayer.Pass(1, 0, queries -> {}, attention);
        if (config.tied()) {
            root.at("lm_head").requireCopy("weight", embedding);
        }
    }

    /** @return (T, C), new memory */
    Tensor embed(int... ids) {
        return Native.scoped(() -> embedding.index_select(0, device.indices(ids)));
    }

    int layers() {
        return config.layers();
    }

    /**
     * @param plan what is kept of the prompt
     * @param room tokens that follow it
     */
    KvCache reserve(CompressionPlan plan, int room) {
        int capacity = plan.tokens() + room;
        KvCache.Shape shape = new KvCache.Shape(config.layers(), config.keyValueHeads(), capacity, config.headWidth());
        return plan.cutsAnything()
                ? KvCache.growing(shape, layer -> plan.cuts(layer) ? plan.tokens() : capacity, device)
                : KvCache.reserve(shape, device);
    }

    /** Bytes of keys and values of this many tokens, uncut. */
    long cacheBytes(int tokens) {
        return config.layers() * config.entryBytes() * tokens;
    }

    /** The state of one prompt's compression, in the caller's scope. */
    PrefillCompression compress(Compression compression, CompressionPlan plan, int room) {
        Tensor sums = Native.scoped(
                () -> device.empty(config.keyValueHeads(), plan.tokens()).zero_()); // (G, N)
        return new PrefillCompression(compression, plan, room, sums);
    }

    /**
     * Computes a prompt and fills the cache, cutting it on the way.
     *
     * @param hidden (N, C) embeddings; overwritten
     * @param sparse empty for dense attention in all layers
     * @param progress called between layers; may throw to stop
     * @return logits (V) of the last token
     */
    Tensor prefill(
            Tensor hidden,
            RopePositions positions,
            KvCache cache,
            PrefillCompression compression,
            Optional<SparsePrefill> sparse,
            Runnable progress) {
        return run(hidden, positions, cache, layer -> {
            progress.run();
            long kept = layer == layers.size() - 1 ? 1 : hidden.size(0);
            return new DecoderLayer.Pass(
                    kept,
                    compression.observedQueries(layer),
                    queries -> compression.afterAttention(layer, queries, cache),
                    sparse.map(prefill -> prefill.at(layer, attention)).orElse(attention));
        });
    }

    /**
     * Appends one token to the cache.
     *
     * @param hidden (1, C) embedding; overwritten
     * @return logits (V) of what follows
     */
    Tensor decode(Tensor hidden, RopePositions position, KvCache cache) {
        return run(hidden, position, cache, layer -> one);
    }

    private Tensor run(Tensor hidden, RopePositions positions, KvCache cache, IntFunction<DecoderLayer.Pass> passOf) {
        return Native.scoped(() -> {
            RotaryTable rotary = rope.table(positions);
            Tensor x = hidden;
            for (int i = 0; i < layers.size(); i++) {
                int layer = i;
                Tensor input = x;
                DecoderLayer.Pass pass = passOf.apply(layer);
                x = Native.scoped(() -> layers.get(layer).run(input, rotary, cache.layer(layer), pass));
            }
            return head.apply(norm.apply(x)).view(config.vocabulary());
        });
    }
}
