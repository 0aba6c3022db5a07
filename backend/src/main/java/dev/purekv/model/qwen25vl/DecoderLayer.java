package dev.purekv.model.qwen25vl;

import dev.purekv.attention.CausalAttention;
import dev.purekv.cache.LayerCache;
import dev.purekv.checkpoint.Weights;
import dev.purekv.model.layer.Linear;
import dev.purekv.model.layer.RmsNorm;
import dev.purekv.model.layer.RotaryTable;
import dev.purekv.model.layer.SwiGlu;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;

/** One layer of the decoder: causal attention with grouped heads, then SwiGLU. */
final class DecoderLayer {
    private final TextConfig config;
    private final RmsNorm attentionNorm;
    private final RmsNorm mlpNorm;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear output;
    private final SwiGlu mlp;

    DecoderLayer(TextConfig config, Weights weights) {
        int width = config.hidden();
        int keyWidth = config.keyValueHeads() * config.headWidth();
        Weights self = weights.at("self_attn");
        this.config = config;
        this.attentionNorm = RmsNorm.load(weights.at("input_layernorm"), width, config.epsilon());
        this.mlpNorm = RmsNorm.load(weights.at("post_attention_layernorm"), width, config.epsilon());
        this.query = Linear.loadWithBias(self.at("q_proj"), width, width);
        this.key = Linear.loadWithBias(self.at("k_proj"), width, keyWidth);
        this.value = Linear.loadWithBias(self.at("v_proj"), width, keyWidth);
        this.output = Linear.load(self.at("o_proj"), width, width);
        this.mlp = SwiGlu.load(weights.at("mlp"), width, config.intermediate());
    }

    /**
     * What one layer computes, and how.
     *
     * @param kept the last rows that go on to the next layer: what no later layer reads need not be computed
     * @param observed the last queries that {@code observer} wants to see
     * @param observer given (T, H, D) rotated queries, T at least {@code observed}, when the layer reads its cache no more
     * @param attention of the kept rows to the cache
     */
    record Pass(long kept, long observed, Consumer<Tensor> observer, CausalAttention attention) {}

    /**
     * Appends all T tokens to the cache, and computes the last rows in place.
     *
     * @param hidden (T, C); overwritten
     * @return (kept, C), a view of {@code hidden}
     */
    Tensor run(Tensor hidden, RotaryTable rotary, LayerCache cache, Pass pass) {
        long kept = pass.kept();
        long asked = Math.max(kept, pass.observed());
        long tokens = hidden.size(0);
        Tensor normed = attentionNorm.apply(hidden); // (T, C)
        Tensor k = key.apply(normed).view(tokens, config.keyValueHeads(), config.headWidth()); // (T, G, D)
        Tensor v = value.apply(normed).view(tokens, config.keyValueHeads(), config.headWidth());
        cache.append(rotary.rotate(k), v);

        Tensor q = rotary.last(asked)
                .rotate(query.apply(last(normed, asked))
                        .view(asked, config.heads(), config.headWidth())); // (asked, H, D)
        Tensor attended = pass.attention().causal(last(q, kept), cache.keys(), cache.values()); // (kept, H, D)
        pass.observer().accept(q);
        Tensor sum = last(hidden, kept);
        output.addTo(sum, attended.reshape(kept, config.hidden()));
        mlp.addTo(sum, mlpNorm.apply(sum));
        return sum;
    }

    private static Tensor last(Tensor x, long rows) {
        return rows == x.size(0) ? x : x.narrow(0, x.size(0) - rows, rows);
    }
}
