package dev.purekv.model.decoder;

import dev.purekv.attention.CausalAttention;
import dev.purekv.cache.LayerCache;
import dev.purekv.checkpoint.Weights;
import dev.purekv.model.layer.Linear;
import dev.purekv.model.layer.RmsNorm;
import dev.purekv.model.layer.RotaryTable;
import dev.purekv.model.layer.SwiGlu;
import dev.purekv.tensor.Native;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** One layer of the decoder: causal attention with grouped heads, then SwiGLU. */
final class DecoderLayer {
    private final DecoderConfig config;
    private final RmsNorm attentionNorm;
    private final RmsNorm mlpNorm;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear output;
    private final SwiGlu mlp;

    DecoderLayer(DecoderConfig config, Weights weights) {
        int width = config.hidden();
        int keyWidth = config.keyValueHeads() * config.headWidth();
        Weights self = weights.at("self_attn");
        this.config = config;
        this.attentionNorm = RmsNorm.load(weights.at("input_layernorm"), width, config.epsilon());
        this.mlpNorm = RmsNorm.load(weights.at("post_attention_layernorm"), width, config.epsilon());
        this.query = projection(self.at("q_proj"), width);
        this.key = projection(self.at("k_proj"), keyWidth);
        this.value = projection(self.at("v_proj"), keyWidth);
        this.output = Linear.load(self.at("o_proj"), width, width);
        this.mlp = SwiGlu.load(weights.at("mlp"), width, config.intermediate());
    }

    private Linear projection(Weights weights, int out) {
        return config.biased()
                ? Linear.loadWithBias(weights, config.hidden(), out)
                : Linear.load(weights, config.hidden(), out);
    }

    /**
     * What one layer computes of a prompt, and how.
     *
     * @param kept the last rows that go on to the next layer: what no later layer reads need not be computed
     * @param observed the last queries that {@code observer} wants to see
     * @param observer given (T, H, D) rotated queries, T at least {@code observed}, when the layer reads its cache no more
     * @param attention of the kept rows to the cache
     * @param survivors asked after {@code observer}: (M) int64, the tokens that go on where all rows were kept and some of
     *     them are dropped
     * @param tile rows of the linear parts at a time
     * @param pause called between tiles; may throw to stop
     */
    record Pass(
            long kept,
            long observed,
            Consumer<Tensor> observer,
            CausalAttention attention,
            Supplier<Optional<Tensor>> survivors,
            int tile,
            Runnable pause) {}

    /**
     * Appends one token to each of several caches.
     *
     * @param hidden (B, C), a row a sequence; overwritten
     * @param rotary of their B positions
     * @param caches B, of this layer
     */
    void step(Tensor hidden, RotaryTable rotary, List<LayerCache> caches, CausalAttention attention) {
        Tensor normed = attentionNorm.apply(hidden); // (B, C)
        Tensor k = rotary.rotate(split(key.apply(normed))); // (B, G, D)
        Tensor v = split(value.apply(normed));
        Tensor q = rotary.rotate(split(query.apply(normed))); // (B, H, D)
        Tensor attended = torch.empty(new long[] {caches.size(), config.hidden()}, hidden.options(), null);
        for (int i = 0; i < caches.size(); i++) {
            try (PointerScope scope = new PointerScope()) {
                LayerCache cache = caches.get(i);
                cache.append(k.narrow(0, i, 1), v.narrow(0, i, 1));
                Tensor own = attention.causal(q.narrow(0, i, 1), cache.keys(), cache.values()); // (1, H, D)
                attended.select(0, i).copy_(own.view(config.hidden()));
            }
        }
        output.addTo(hidden, attended);
        mlp.addTo(hidden, mlpNorm.apply(hidden));
    }

    /**
     * Appends all T tokens to the cache, and computes the last rows, or those of the survivors among all.
     *
     * @param hidden (T, C); overwritten
     * @return (kept, C), a view of {@code hidden}; or (M, C), new memory
     */
    Tensor run(Tensor hidden, RotaryTable rotary, LayerCache cache, Pass pass) {
        long kept = pass.kept();
        Tensor q = project(hidden, rotary, cache, pass); // (asked, H, D)
        Tensor all = pass.attention().causal(last(q, kept), cache.keys(), cache.values()); // (kept, H, D)
        pass.observer().accept(q);
        Optional<Tensor> survivors = pass.survivors().get();
        Tensor sum = survivors.map(rows -> hidden.index_select(0, rows)).orElseGet(() -> last(hidden, kept));
        Tensor attended = survivors.map(rows -> all.index_select(0, rows)).orElse(all);
        tiles(sum.size(0), pass, (from, rows) -> {
            Tensor part = sum.narrow(0, from, rows);
            output.addTo(part, attended.narrow(0, from, rows).reshape(rows, config.hidden()));
            mlp.addTo(part, mlpNorm.apply(part));
        });
        return sum;
    }

    /** @return (asked, H, D), the rotated queries of the last tokens */
    private Tensor project(Tensor hidden, RotaryTable rotary, LayerCache cache, Pass pass) {
        long tokens = hidden.size(0);
        long asked = Math.max(pass.kept(), pass.observed());
        long first = tokens - asked;
        return Native.scoped(() -> {
            Tensor q = torch.empty(new long[] {asked, config.heads(), config.headWidth()}, hidden.options(), null);
            tiles(tokens, pass, (from, rows) -> {
                Tensor normed = attentionNorm.apply(hidden.narrow(0, from, rows)); // (R, C)
                RotaryTable turn = rotary.narrow(from, rows);
                cache.append(turn.rotate(split(key.apply(normed))), split(value.apply(normed)));
                long skipped = Math.max(0, first - from);
                if (skipped < rows) {
                    Tensor own = split(query.apply(normed.narrow(0, skipped, rows - skipped)));
                    q.narrow(0, from + skipped - first, rows - skipped)
                            .copy_(turn.narrow(skipped, rows - skipped).rotate(own));
                }
            });
            return q;
        });
    }

    /** (T, heads D) as (T, heads, D). */
    private Tensor split(Tensor x) {
        return x.view(x.size(0), -1, config.headWidth());
    }

    /** Runs over tiles of rows, each in a native scope of its own, with a pause before each but the first. */
    private static void tiles(long rows, Pass pass, TileBody body) {
        for (long from = 0; from < rows; from += pass.tile()) {
            if (from > 0) {
                pass.pause().run();
            }
            try (PointerScope scope = new PointerScope()) {
                body.run(from, Math.min(pass.tile(), rows - from));
            }
        }
    }

    private interface TileBody {
        void run(long from, long rows);
    }

    private static Tensor last(Tensor x, long rows) {
        return rows == x.size(0) ? x : x.narrow(0, x.size(0) - rows, rows);
    }
}
