package dev.purekv.engine;

import dev.purekv.cache.FreeMemory;
import dev.purekv.settings.ModelSettings;

/** How many bytes all caches of a model may take together. */
final class CacheCeiling {
    /**
     * Half of what is free at the load, weights mapped: so a second model finds room as well, and so does the computing itself.
     */
    private static final double SHARE = 0.5;

    /** Where the machine does not tell, and on GPUs, whose memory it does not count. */
    private static final long UNTOLD = 4L << 30;

    private CacheCeiling() {}

    /**
     * @param held by caches of the same model's other engines: theirs only until their answers end, so it counts as free, or a load at
     *     a busy moment would leave less room until the next one
     */
    static long bytes(ModelSettings settings, long held) {
        if (settings.kvCacheBytes() > 0) {
            return settings.kvCacheBytes();
        }
        long free = settings.device().equals("cpu") ? FreeMemory.bytes() : 0;
        return free == 0 ? UNTOLD : (long) ((free + held) * SHARE);
    }
}
