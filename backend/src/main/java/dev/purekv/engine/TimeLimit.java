package dev.purekv.engine;

/**
 * How long a request may take, from its arrival on.
 *
 * @param arrived System.nanoTime of the arrival
 * @param nanos until it is given up; Long.MAX_VALUE for ever
 */
record TimeLimit(long arrived, long nanos) {
    /**
     * The shorter of two limits.
     *
     * @param timeoutMicros Triton's {@code timeout}; 0 for none
     * @param maxSeconds our {@code max_seconds}; null for none
     */
    static TimeLimit of(long arrived, long timeoutMicros, Double maxSeconds) {
        long timeout =
                timeoutMicros <= 0 || timeoutMicros > Long.MAX_VALUE / 1000 ? Long.MAX_VALUE : timeoutMicros * 1000;
        long most = maxSeconds == null ? Long.MAX_VALUE : (long) (maxSeconds * 1e9); // too large becomes MAX_VALUE
        return new TimeLimit(arrived, Math.min(timeout, most));
    }

    /** @param now System.nanoTime */
    boolean passed(long now) {
        return now - arrived >= nanos;
    }

    double seconds() {
        return nanos / 1e9;
    }
}
