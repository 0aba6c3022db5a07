package dev.purekv.model.decoder;

import dev.purekv.attention.Attention;
import dev.purekv.attention.CausalAttention;
import dev.purekv.attention.TiledAttention;
import dev.purekv.attention.sparse.SparsePrefill;
import dev.purekv.cache.KvCache;
import dev.purekv.cache.LayerCache;
import dev.purekv.checkpoint.Weights;
import dev.purekv.compression.Compression;
import dev.purekv.compression.CompressionPlan;
import dev.purekv.compression.PrefillCompression;
import dev.purekv.compression.PrefillWitness;
import dev.purekv.model.layer.Linear;
import dev.purekv.model.layer.RmsNorm;
import dev.purekv.model.layer.RotaryTable;
import dev.purekv.tensor.ComputeDevice;
import dev.purekv.tensor.Native;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** The language model: embedding, layers, and the logits of the last token. */
public final class Decoder {
    private final DecoderConfig config;
    private final ComputeDevice device;
    private final Attention attention;
    private final Tensor embedding; // (V, C)
    private final List<DecoderLayer> layers;
    private final RmsNorm norm;
    private final Linear head;
    private final int tile;

    /**
     * @param root the checkpoint's weights, from {@code model} and {@code lm_head} on
     * @param tile tokens of a prompt that a layer computes before it pauses
     */
    public Decoder(DecoderConfig config, Weights root, Attention attention, ComputeDevice device, int tile) {
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
        this.tile = tile;
        if (config.tied()) {
            root.at("lm_head").requireCopy("weight", embedding);
        }
    }

    /**
     * @param ids of text; others, such as placeholders, get the row of some token
     * @return (T, C), new memory
     */
    Tensor embed(int... ids) {
        return Native.scoped(() -> embedding.index_select(
                0,
                device.indices(Arrays.stream(ids)
                        .map(id -> id < 0 || id >= config.vocabulary() ? 0 : id)
                        .toArray())));
    }

    DecoderConfig config() {
        return config;
    }

    /**
     * @param plan what is kept of the prompt
     * @param room tokens that follow it
     */
    KvCache reserve(CompressionPlan plan, int room) {
        int capacity = plan.tokens() + room;
        KvCache.Shape shape = new KvCache.Shape(config.layers(), config.keyValueHeads(), capacity, config.headWidth());
        return plan.cutsAnything()
                ? KvCache.growing(shape, layer -> plan.tokens(layer) + (plan.cuts(layer) ? 0 : room), device)
                : KvCache.reserve(shape, device);
    }

    /** Bytes of keys and values of this many tokens, uncut. */
    long cacheBytes(int tokens) {
        return config.layers() * config.entryBytes() * tokens;
    }

    /** The state of one prompt's compression, in the caller's scope. */
    PrefillCompression compress(Compression compression, CompressionPlan plan, int room, PrefillWitness witness) {
        Tensor sums = Native.scoped(
                () -> device.empty(config.keyValueHeads(), plan.tokens()).zero_()); // (G, N)
        return new PrefillCompression(compression, plan, room, sums, witness);
    }

    /**
     * Computes a prompt and fills the cache, cutting it on the way.
     *
     * @param hidden (N, C) embeddings; overwritten
     * @param rotary of N tokens
     * @param sparse empty for dense attention in all layers
     * @param pause called between layers, and between tiles of rows within them; may throw to stop
     * @return logits (V) of the last token
     */
    Tensor prefill(
            Tensor hidden,
            RotaryTable rotary,
            KvCache cache,
            PrefillCompression compression,
            Optional<SparsePrefill> sparse,
            Runnable pause) {
        return Native.scoped(() -> {
            Rows rows = new Rows(hidden, rotary, sparse);
            for (int layer = 0; layer < layers.size(); layer++) {
                pause.run();
                rows = prefill(layer, rows, cache, compression, pause);
            }
            return logits(rows.hidden()).view(config.vocabulary());
        });
    }

    /**
     * A prompt between two layers.
     *
     * @param hidden (T, C), of all its tokens or of those that survived pruning
     * @param rotary of the same tokens, at the positions that they have in the whole prompt
     * @param sparse of the same tokens
     */
    private record Rows(Tensor hidden, RotaryTable rotary, Optional<SparsePrefill> sparse) {}

    private Rows prefill(int layer, Rows rows, KvCache cache, PrefillCompression compression, Runnable pause) {
        CausalAttention dense = new TiledAttention(attention, tile, pause);
        DecoderLayer.Pass pass = new DecoderLayer.Pass(
                layer == layers.size() - 1 ? 1 : rows.hidden().size(0),
                compression.observedQueries(layer),
                queries -> compression.afterAttention(layer, queries, cache),
                rows.sparse().map(prefill -> prefill.at(layer, dense, pause)).orElse(dense),
                () -> compression.survivors(layer).map(device::indices),
                tile,
                pause);
        Tensor next =
                Native.scoped(() -> layers.get(layer).run(rows.hidden(), rows.rotary(), cache.layer(layer), pass));
        return compression
                .survivors(layer)
                .map(left -> new Rows(
                        next,
                        rows.rotary().select(device.indices(left)),
                        rows.sparse().map(prefill -> prefill.kept(left))))
                .orElseGet(() -> new Rows(next, rows.rotary(), rows.sparse()));
    }

    /**
     * Appends one token to each of several caches.
     *
     * @param tokens B
     * @param rotary of their B positions
     * @param caches B
     * @return logits (B, V) of what follows
     */
    Tensor decode(int[] tokens, RotaryTable rotary, List<KvCache> caches) {
        return Native.scoped(() -> {
            Tensor hidden = embed(tokens); // (B, C)
            for (int i = 0; i < layers.size(); i++) {
                try (PointerScope scope = new PointerScope()) {
                    int layer = i;
                    List<LayerCache> own =
                            caches.stream().map(each -> each.layer(layer)).toList();
                    layers.get(layer).step(hidden, rotary, own, attention);
                }
            }
            return logits(hidden);
        });
    }

    /** @return (T, V) */
    private Tensor logits(Tensor hidden) {
        return head.apply(norm.apply(hidden));
    }
}
