package dev.purekv.console.tuning;

/**
 * The sizes of a model that its cache follows.
 *
 * @param layers L
 * @param keyValueHeads G
 * @param headWidth D
 */
record ModelShape(int layers, int keyValueHeads, int headWidth) {
    /** Bytes of the keys and values of one token in all layers, float32. */
    public long tokenBytes() {
        return 2L * layers * keyValueHeads * headWidth * Float.BYTES;
    }
}
