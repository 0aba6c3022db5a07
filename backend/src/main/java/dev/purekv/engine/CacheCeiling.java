package dev.purekv.engine;

import dev.purekv.cache.FreeMemory;
import dev.purekv.settings.ModelSettings;

/** How many bytes all caches of a model may take together. */
final class CacheCeiling {
    /**
     * Half of what is free at the load, weights mapped: so a second model, or the next version of this one, finds room as well, and
     * so does the computing itself.
     */
    private static final double SHARE = 0.5;

    /** Where the machine does not tell, and on GPUs, whose memory it does not count. */
    private static final long UNTOLD = 4L << 30;

    private CacheCeiling() {}

    static long bytes(ModelSettings settings) {
        if (settings.kvCacheBytes() > 0) {
            return settings.kvCacheBytes();
        }
        long free = settings.device().equals("cpu") ? FreeMemory.bytes() : 0;
        return free == 0 ? UNTOLD : (long) (free * SHARE);
    }
}
