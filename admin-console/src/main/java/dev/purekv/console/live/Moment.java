package dev.purekv.console.live;

/**
 * A model's figures over one interval.
 *
 * @param second since the epoch, at its end
 * @param running requests that hold a cache, at its end
 * @param firstTokenMs mean over the answers that began in it; null where none did
 * @param tokenMs mean time of a later token; null where there was none
 * @param tokensPerSecond of all answers together
 * @param ratio of the latest prompt; null before the first
 */
record Moment(
        long second,
        double running,
        double waiting,
        Double firstTokenMs,
        Double tokenMs,
        double tokensPerSecond,
        double cacheBytes,
        Double ratio) {
    static Moment between(Reading before, Reading now, String model, long second, double seconds) {
        Double first = mean(before, now, model, "time_to_first_token_seconds");
        Double token = mean(before, now, model, "time_per_output_token_seconds");
        double ratio = now.value(model, "kv_compression_ratio");
        return new Moment(
                second,
                now.value(model, "num_requests_running"),
                now.value(model, "num_requests_waiting"),
                first,
                token,
                growth(before, now, model, "generation_tokens_total") / seconds,
                now.value(model, "kv_cache_bytes"),
                ratio > 0 ? ratio : null);
    }

    Moment later(long seconds) {
        return new Moment(
                second + seconds, running, waiting, firstTokenMs, tokenMs, tokensPerSecond, cacheBytes, ratio);
    }

    private static Double mean(Reading before, Reading now, String model, String histogram) {
        double count = growth(before, now, model, histogram + "_count");
        return count <= 0 ? null : growth(before, now, model, histogram + "_sum") / count * 1000;
    }

    /** A counter that is smaller than before began anew. */
    private static double growth(Reading before, Reading now, String model, String name) {
        double grown = now.value(model, name) - before.value(model, name);
        return grown < 0 ? now.value(model, name) : grown;
    }
}
