package dev.purekv.console.tuning;

import dev.purekv.console.words.Words;
import dev.purekv.settings.KvSettings;

/**
 * What settings leave of a prompt of 1,000 tokens.
 *
 * @param kept tokens' worth of cache, mean of the layers
 * @param tokenBytes of one token in all layers; 0 where the model's shape is not known
 */
record Forecast(int kept, long tokenBytes) {
    /** Tokens of the prompt. */
    static final int TOKENS = 1000;

    /** @param shape null where it is not known */
    static Forecast of(KvSettings kv, ModelShape shape) {
        int floor = Math.min(TOKENS, kv.sinkTokens() + kv.recentTokens());
        int kept = kv.cuts() ? Math.max(floor, (int) Math.ceil(TOKENS / kv.compressionRatio())) : TOKENS;
        return new Forecast(Math.min(TOKENS, kept), shape == null ? 0 : shape.tokenBytes());
    }

    public String share() {
        return Words.decimal(100.0 * kept / TOKENS) + " percent";
    }

    public String bytes() {
        return tokenBytes == 0 ? "" : Words.bytes((double) kept * tokenBytes);
    }

    public String fullBytes() {
        return tokenBytes == 0 ? "" : Words.bytes((double) TOKENS * tokenBytes);
    }
}
