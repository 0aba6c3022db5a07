package dev.purekv.model.decoder;

import static dev.purekv.checkpoint.ConfigKeys.require;

import dev.purekv.tensor.Tiles;

/**
 * Sizes of a decoder.
 *
 * @param biased whether queries, keys and values have biases: those of Qwen2 do, those of Mistral do not
 * @param tied the output matrix is the embedding
 */
public record DecoderConfig(
        int vocabulary,
        int hidden,
        int intermediate,
        int layers,
        int heads,
        int keyValueHeads,
        double epsilon,
        double ropeTheta,
        int maxTokens,
        boolean biased,
        boolean tied) {
    public DecoderConfig {
        require(hidden % heads == 0, "hidden_size (%d) must be a multiple of num_attention_heads (%d)", hidden, heads);
        require(
                heads % keyValueHeads == 0,
                "num_attention_heads (%d) must be a multiple of num_key_value_heads (%d)",
                heads,
                keyValueHeads);
        require(
                hidden / heads % 2 == 0,
                "the head width (%d / %d) must be even: rotary positions turn pairs",
                hidden,
                heads);
    }

    public int headWidth() {
        return hidden / heads;
    }

    /** Bytes of the keys and values of one token in one layer. */
    long entryBytes() {
        return 2L * keyValueHeads * headWidth() * Float.BYTES;
    }

    /** How many tokens of a prompt a layer computes at a time. */
    public int tileTokens() {
        long weights = (long) hidden * (2L * hidden + 2L * keyValueHeads * headWidth() + 3L * intermediate);
        return Tiles.STANDARD.rows(weights);
    }
}
