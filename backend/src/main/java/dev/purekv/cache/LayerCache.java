package dev.purekv.cache;

import dev.purekv.tensor.ComputeDevice;
import org.bytedeco.pytorch.Tensor;

/**
 * Keys and values of one layer, in memory that is reserved once and written in place. Keys are rotated before they come
 * here, so the index of an entry carries no position.
 */
public final class LayerCache {
    private final Tensor keys; // (G, capacity, D)
    private final Tensor values; // (G, capacity, D)
    private int length;

    LayerCache(ComputeDevice device, int keyValueHeads, int capacityTokens, int headWidth) {
        this.keys = device.empty(keyValueHeads, capacityTokens, headWidth);
        this.values = device.empty(keyValueHeads, capacityTokens, headWidth);
    }

    /**
     * @param k (T, G, D)
     * @param v (T, G, D)
     * @throws IllegalStateException when the reserved room is too small
     */
    public void append(Tensor k, Tensor v) {
        long tokens = k.size(0);
        if (length + tokens > keys.size(1)) {
            throw new IllegalStateException("a cache of " + keys.size(1) + " tokens that holds " + length
                    + " has no room for " + tokens + " more");
        }
        keys.narrow(1, length, tokens).copy_(k.transpose(0, 1));
        values.narrow(1, length, tokens).copy_(v.transpose(0, 1));
        length += (int) tokens;
    }

    /** @return (G, N, D), a view of the N tokens held, in the caller's scope */
    public Tensor keys() {
        return keys.narrow(1, 0, length);
    }

    /** @return (G, N, D), a view of the N tokens held, in the caller's scope */
    public Tensor values() {
        return values.narrow(1, 0, length);
    }

    /** Tokens held. */
    public int length() {
        return length;
    }

    /** Bytes reserved. */
    public long bytes() {
        return keys.nbytes() + values.nbytes();
    }
}
