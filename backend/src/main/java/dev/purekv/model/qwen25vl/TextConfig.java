package dev.purekv.model.qwen25vl;

import static dev.purekv.model.qwen25vl.Qwen25VlConfig.require;

import java.util.List;

/**
 * Sizes of the decoder.
 *
 * @param mropeSections frequencies that follow time, height and width; together D/2
 * @param tied the output matrix is the embedding
 */
record TextConfig(
        int vocabulary,
        int hidden,
        int intermediate,
        int layers,
        int heads,
        int keyValueHeads,
        double epsilon,
        double ropeTheta,
        List<Integer> mropeSections,
        int maxTokens,
        boolean tied) {
    TextConfig {
        mropeSections = List.copyOf(mropeSections);
        require(hidden % heads == 0, "hidden_size (%d) must be a multiple of num_attention_heads (%d)", hidden, heads);
        require(
                heads % keyValueHeads == 0,
                "num_attention_heads (%d) must be a multiple of num_key_value_heads (%d)",
                heads,
                keyValueHeads);
        int sum = mropeSections.stream().mapToInt(Integer::intValue).sum();
        require(
                mropeSections.size() == 3 && 2 * sum == hidden / heads,
                "mrope_section %s must be three numbers that sum to half the head width (%d / 2)",
                mropeSections,
                hidden / heads);
    }

    int headWidth() {
        return hidden / heads;
    }

    /** Bytes of the keys and values of one token in one layer. */
    long entryBytes() {
        return 2L * keyValueHeads * headWidth() * Float.BYTES;
    }

    /**
     * How many tokens of a prompt a layer computes at a time: about 16 GFLOP, a tenth of a second on two good cores, as long as
     * tokens of other sequences should have to wait; but no fewer than a matrix product needs to run at full speed.
     */
    int tileTokens() {
        long weights = (long) hidden * (2L * hidden + 2L * keyValueHeads * headWidth() + 3L * intermediate);
        return (int) Math.max(128, Math.min(4096, 8_000_000_000L / weights / 128 * 128));
    }
}
