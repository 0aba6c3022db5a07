package dev.purekv.cache;

import java.util.Optional;

/**
 * The bytes that the caches of one model may take together. It counts and holds nothing: whoever gets a reservation allocates, and gives
 * it back afterwards. Free and used bytes always make up the total. Used by one thread at a time.
 */
public final class KvBudget {
    private final long totalBytes;
    private long usedBytes;

    /** @throws IllegalArgumentException below one byte */
    public KvBudget(long totalBytes) {
        if (totalBytes < 1) {
            throw new IllegalArgumentException("a budget needs at least 1 byte, got " + totalBytes);
        }
        this.totalBytes = totalBytes;
    }

    /** The ceiling, which never moves. */
    public long totalBytes() {
        return totalBytes;
    }

    /** The sum of all reservations. */
    public long usedBytes() {
        return usedBytes;
    }

    public long freeBytes() {
        return totalBytes - usedBytes;
    }

    /** Whether a reservation of so many bytes would be given now. */
    public boolean fits(long bytes) {
        return bytes <= freeBytes();
    }

    /**
     * @return empty when it does not fit beside what is reserved
     * @throws IllegalArgumentException for a negative count
     */
    public Optional<Reservation> reserve(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("cannot reserve " + bytes + " bytes");
        }
        if (!fits(bytes)) {
            return Optional.empty();
        }
        usedBytes += bytes;
        return Optional.of(new Reservation(bytes));
    }

    /** Part of a budget, until it is closed. */
    public final class Reservation implements AutoCloseable {
        private long bytes;

        private Reservation(long bytes) {
            this.bytes = bytes;
        }

        /** What is reserved now; 0 once it is closed. */
        public long bytes() {
            return bytes;
        }

        /**
         * Gives back what is above so many bytes.
         *
         * @throws IllegalArgumentException for more than is reserved: nothing may grow past the ceiling
         */
        public void shrinkTo(long kept) {
            if (kept < 0 || kept > bytes) {
                throw new IllegalArgumentException(
                        "a reservation of " + bytes + " bytes cannot shrink to " + kept + " bytes");
            }
            usedBytes -= bytes - kept;
            bytes = kept;
        }

        /** Gives everything back; again is harmless. */
        @Override
        public void close() {
            shrinkTo(0);
        }
    }
}
