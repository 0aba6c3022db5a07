package dev.purekv.cache;

import java.util.Optional;

/**
 * The bytes that the caches of one engine may take, together with those of other engines of the same model. It counts and holds nothing:
 * whoever gets a reservation allocates, and gives it back afterwards. Any thread.
 */
public final class KvBudget implements AutoCloseable {
    private final long totalBytes;
    private final KvLedger ledger;
    private final Runnable closed;
    private long usedBytes; // by the ledger's monitor

    /**
     * Of an engine that is alone: free and used bytes always make up the total.
     *
     * @throws IllegalArgumentException below one byte
     */
    public KvBudget(long totalBytes) {
        this(totalBytes, new KvLedger(), () -> {});
    }

    /** @param closed told when this budget has left the ledger */
    KvBudget(long totalBytes, KvLedger ledger, Runnable closed) {
        if (totalBytes < 1) {
            throw new IllegalArgumentException("a budget needs at least 1 byte, got " + totalBytes);
        }
        this.totalBytes = totalBytes;
        this.ledger = ledger;
        this.closed = closed;
        ledger.add(this);
    }

    /** The ceiling, which never moves. */
    public long totalBytes() {
        return totalBytes;
    }

    /** The highest ceiling of all engines of the model, this one's among them. */
    public long sharedTotalBytes() {
        return ledger.ceilingBytes();
    }

    /** The sum of this engine's reservations. */
    public long usedBytes() {
        synchronized (ledger) {
            return usedBytes;
        }
    }

    /** What is left below this ceiling beside all that is reserved, by whichever engine. */
    public long freeBytes() {
        return Math.max(0, totalBytes - ledger.heldBytes());
    }

    /** Whether a reservation of so many bytes would be given now. */
    public boolean fits(long bytes) {
        return ledger.fits(this, bytes);
    }

    /**
     * As {@link #fits}; where it does not, other engines get nothing from now on until this one has had a reservation or
     * {@link #asksNoMore}.
     */
    public boolean asks(long bytes) {
        synchronized (ledger) {
            boolean fits = fits(bytes);
            if (!fits) {
                ledger.standInLine(this);
            }
            return fits;
        }
    }

    /** Nothing waits for room here. */
    public void asksNoMore() {
        ledger.leaveLine(this);
    }

    /**
     * @return empty when it does not fit beside what is reserved, or another engine waits for room
     * @throws IllegalArgumentException for a negative count
     */
    public Optional<Reservation> reserve(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("cannot reserve " + bytes + " bytes");
        }
        synchronized (ledger) {
            if (!fits(bytes)) {
                return Optional.empty();
            }
            ledger.leaveLine(this);
            change(bytes);
            return Optional.of(new Reservation(bytes));
        }
    }

    private void change(long more) {
        usedBytes += more;
        ledger.hold(more);
    }

    /** Its engine has ended, and all reservations are closed. */
    @Override
    public void close() {
        ledger.remove(this);
        closed.run();
    }

    /** Part of a budget, until it is closed. */
    public final class Reservation implements AutoCloseable {
        private long bytes; // by the ledger's monitor

        private Reservation(long bytes) {
            this.bytes = bytes;
        }

        /** What is reserved now; 0 once it is closed. */
        public long bytes() {
            synchronized (ledger) {
                return bytes;
            }
        }

        /**
         * Gives back what is above so many bytes.
         *
         * @throws IllegalArgumentException for more than is reserved: nothing may grow past the ceiling
         */
        public void shrinkTo(long kept) {
            synchronized (ledger) {
                if (kept < 0 || kept > bytes) {
                    throw new IllegalArgumentException(
                            "a reservation of " + bytes + " bytes cannot shrink to " + kept + " bytes");
                }
                change(kept - bytes);
                bytes = kept;
            }
        }

        /** Gives everything back; again is harmless. */
        @Override
        public void close() {
            shrinkTo(0);
        }
    }
}
