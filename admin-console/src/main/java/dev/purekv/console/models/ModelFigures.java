package dev.purekv.console.models;

import dev.purekv.console.words.Words;

/**
 * What a model's engine counts now.
 *
 * @param cacheBytes reserved
 * @param ratio of the latest prompt: full cache over kept
 */
public record ModelFigures(long running, long waiting, double cacheBytes, double ratio) {
    public String cache() {
        return Words.bytes(cacheBytes);
    }

    public String latestRatio() {
        return ratio > 0 ? Words.decimal(ratio) + "x" : "";
    }
}
