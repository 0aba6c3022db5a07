package dev.purekv.benchmark;

import tools.jackson.databind.JsonNode;

/** Sizes of a decoder, and the arithmetic that they mean. One multiply-add is two operations. */
record Shape(int hidden, int intermediate, int layers, int heads, int groups) {
    static Shape of(JsonNode config) {
        JsonNode decoder = config.has("text_config") ? config.path("text_config") : config;
        return new Shape(
                decoder.path("hidden_size").asInt(),
                decoder.path("intermediate_size").asInt(),
                decoder.path("num_hidden_layers").asInt(),
                decoder.path("num_attention_heads").asInt(),
                decoder.path("num_key_value_heads").asInt());
    }

    int width() {
        return hidden / heads;
    }

    /** Operations of one token's keys, values and query in one layer. */
    double projections() {
        return 2.0 * hidden * (hidden + 2.0 * groups * width());
    }

    /** Operations of one token's output projection and MLP in one layer. */
    double rest() {
        return 2.0 * hidden * (hidden + 3.0 * intermediate);
    }

    /** Operations of attention over so many pairs of tokens. */
    double attention(double pairs) {
        return 4.0 * hidden * pairs;
    }

    /**
     * Bytes that a prefill needs beside weights and caches: hidden states, queries and what attention gives, and a rotary
     * table, of all tokens; gate, product and result of the MLP of one tile.
     *
     * @param tile tokens that a layer computes at a time
     */
    long workingBytes(long tokens, long tile) {
        return Float.BYTES * (tokens * (3L * hidden + 2L * width()) + tile * (2L * intermediate + 2L * hidden));
    }

    static double causalPairs(double tokens) {
        return tokens * (tokens + 1) / 2;
    }
}
