package dev.purekv.settings;

/**
 * Whether scores that cross layers stay apart by key/value head. Heads of different layers do not correspond, so the mean
 * is the default.
 */
public enum HeadScores implements Word {
    MEAN,
    PER_HEAD
}
