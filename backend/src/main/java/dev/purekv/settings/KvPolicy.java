package dev.purekv.settings;

/** Which entries of the cache are worth keeping; {@code dev.purekv.compression} has one file for each. */
public enum KvPolicy implements Word {
    PUREKV,
    FULL,
    RANDOM,
    STREAMING_LLM,
    H2O,
    SNAPKV,
    PYRAMIDKV,
    VALUE_NORM,
    ORACLE
}
