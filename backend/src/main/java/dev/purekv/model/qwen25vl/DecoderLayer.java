package dev.purekv.model.qwen25vl;

import dev.purekv.attention.Attention;
import dev.purekv.cache.LayerCache;
import dev.purekv.checkpoint.Weights;
import dev.purekv.model.layer.Linear;
import dev.purekv.model.layer.RmsNorm;
import dev.purekv.model.layer.RotaryTable;
import dev.purekv.model.layer.SwiGlu;
import org.bytedeco.pytorch.Tensor;

/** One layer of the decoder: causal attention with grouped heads, then SwiGLU. */
final class DecoderLayer {
    private final TextConfig config;
    private final Attention attention;
    private final RmsNorm attentionNorm;
    private final RmsNorm mlpNorm;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear output;
    private final SwiGlu mlp;

    DecoderLayer(TextConfig config, Weights weights, Attention attention) {
        int width = config.hidden();
        int keyWidth = config.keyValueHeads() * config.headWidth();
        Weights self = weights.at("self_attn");
        this.config = config;
        this.attention = attention;
        this.attentionNorm = RmsNorm.load(weights.at("input_layernorm"), width, config.epsilon());
        this.mlpNorm = RmsNorm.load(weights.at("post_attention_layernorm"), width, config.epsilon());
        this.query = Linear.loadWithBias(self.at("q_proj"), width, width);
        this.key = Linear.loadWithBias(self.at("k_proj"), width, keyWidth);
        this.value = Linear.loadWithBias(self.at("v_proj"), width, keyWidth);
        this.output = Linear.load(self.at("o_proj"), width, width);
        this.mlp = SwiGlu.load(weights.at("mlp"), width, config.intermediate());
    }

    /**
     * Appends all T tokens to the cache, and computes the last {@code kept} of them in place: what no later layer reads
     * need not be computed.
     *
     * @param hidden (T, C); overwritten
     * @return (kept, C), a view of {@code hidden}
     */
    Tensor run(Tensor hidden, RotaryTable rotary, LayerCache cache, long kept) {
        long tokens = hidden.size(0);
        Tensor normed = attentionNorm.apply(hidden); // (T, C)
        Tensor k = key.apply(normed).view(tokens, config.keyValueHeads(), config.headWidth()); // (T, G, D)
        Tensor v = value.apply(normed).view(tokens, config.keyValueHeads(), config.headWidth());
        cache.append(rotary.rotate(k), v);

        Tensor q = query.apply(last(normed, kept)).view(kept, config.heads(), config.headWidth()); // (kept, H, D)
        Tensor attended = attention.causal(rotary.last(kept).rotate(q), cache.keys(), cache.values()); // (kept, H, D)
        Tensor sum = last(hidden, kept);
        output.addTo(sum, attended.reshape(kept, config.hidden()));
        mlp.addTo(sum, mlpNorm.apply(sum));
        return sum;
    }

    private static Tensor last(Tensor x, long rows) {
        return rows == x.size(0) ? x : x.narrow(0, x.size(0) - rows, rows);
    }
}
