package dev.purekv.attention.sparse;

/** Text tokens from {@code start} to before {@code end}; at least one. */
record TextRun(int start, int end) {
    int tokens() {
        return end - start;
    }
}
