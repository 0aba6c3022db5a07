package dev.purekv.console.keys;

import java.util.Locale;

/** What a key is good for, after the groups of Triton's restricted APIs. */
public enum Scope {
    /** Whether the server is live and ready: open to all, for probes carry no keys. No key has it. */
    HEALTH,
    /** Descriptions, configurations, statistics, metrics. */
    METADATA,
    /** Questions to models, and shared memory for them. */
    INFERENCE,
    /** Listing, loading and unloading models; settings of the server. */
    REPOSITORY;

    /** As operators write it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
