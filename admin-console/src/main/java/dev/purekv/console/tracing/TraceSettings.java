package dev.purekv.console.tracing;

/**
 * What is traced.
 *
 * @param timestamps whether anything is
 * @param rate one request of so many, at least 1
 * @param count how many more, or -1 for no end
 * @param fileTraces how many go to one file before the next begins; 0 for one file
 */
record TraceSettings(boolean timestamps, long rate, long count, long fileTraces) {
    /** Triton's own before anybody changes them. */
    static final TraceSettings INITIAL = new TraceSettings(false, 1000, -1, 0);
}
