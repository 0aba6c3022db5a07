package dev.purekv.cache;

import dev.purekv.tensor.ComputeDevice;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Keys and values of one layer, in memory that is reserved once and written in place, until {@link #keep} moves what is
 * kept into smaller memory of its own. Keys are rotated before they come here, so the index of an entry carries no position.
 */
public final class LayerCache implements AutoCloseable {
    /** Memory, owned. */
    private record Room(PointerScope scope, Tensor keys, Tensor values) {} // both (G, capacity, D)

    private final ComputeDevice device;
    private final int keyValueHeads;
    private final int headWidth;
    private int capacityTokens;
    private Room room; // null until it is reserved
    private int length;

    LayerCache(ComputeDevice device, int keyValueHeads, int capacityTokens, int headWidth) {
        this.device = device;
        this.keyValueHeads = keyValueHeads;
        this.capacityTokens = capacityTokens;
        this.headWidth = headWidth;
    }

    /** Reserves the memory now; else the first {@link #append} does. */
    void reserve() {
        if (room == null) {
            room = allocate(capacityTokens);
        }
    }

    private Room allocate(int tokens) {
        try (PointerScope scope = new PointerScope()) {
            Tensor keys = device.empty(keyValueHeads, tokens, headWidth);
            Tensor values = device.empty(keyValueHeads, tokens, headWidth);
            return new Room(scope.extend(), keys, values);
        }
    }

    /**
     * @param k (T, G, D)
     * @param v (T, G, D)
     * @throws IllegalStateException when the reserved room is too small
     */
    public void append(Tensor k, Tensor v) {
        long tokens = k.size(0);
        if (length + tokens > capacityTokens) {
            throw new IllegalStateException("a cache of " + capacityTokens + " tokens that holds " + length
                    + " has no room for " + tokens + " more");
        }
        reserve();
        room.keys().narrow(1, length, tokens).copy_(k.transpose(0, 1));
        room.values().narrow(1, length, tokens).copy_(v.transpose(0, 1));
        length += (int) tokens;
    }

    /**
     * Gives up all entries but these: they move, and the memory that held all goes back at once.
     *
     * @param positions (G, K) int64, ascending within each head
     * @param capacityTokens room from now on, at least K
     */
    public void keep(Tensor positions, int capacityTokens) {
        int kept = (int) positions.size(1);
        if (kept > capacityTokens) {
            throw new IllegalArgumentException(kept + " entries do not fit a cache of " + capacityTokens + " tokens");
        }
        Room full = room;
        Room compact = allocate(capacityTokens);
        try (PointerScope scope = new PointerScope()) {
            for (int head = 0; head < keyValueHeads; head++) {
                Tensor chosen = positions.select(0, head); // (K)
                gather(full.keys(), compact.keys(), head, chosen);
                gather(full.values(), compact.values(), head, chosen);
            }
        } catch (RuntimeException e) {
            compact.scope().close();
            throw e;
        }
        room = compact;
        this.capacityTokens = capacityTokens;
        length = kept;
        full.scope().close();
    }

    /** Row by row straight into place: rows of one head lie side by side in both. */
    private void gather(Tensor from, Tensor to, int head, Tensor chosen) {
        Tensor target = to.select(0, head).narrow(0, 0, chosen.size(0)); // (K, D)
        torch.index_select_out(target, from.select(0, head).narrow(0, 0, length), 0, chosen);
    }

    /** @return (G, N, D), a view of the N tokens held, in the caller's scope */
    public Tensor keys() {
        return room.keys().narrow(1, 0, length);
    }

    /** @return (G, N, D), a view of the N tokens held, in the caller's scope */
    public Tensor values() {
        return room.values().narrow(1, 0, length);
    }

    /**
     * Forgets the latest tokens.
     *
     * @param tokens how many stay, at most {@link #length}
     */
    void truncate(int tokens) {
        if (tokens > length) {
            throw new IllegalArgumentException("a cache of " + length + " tokens cannot keep " + tokens);
        }
        length = tokens;
    }

    /** Tokens held. */
    public int length() {
        return length;
    }

    /** Bytes reserved by now. */
    public long bytes() {
        return room == null ? 0 : room.keys().nbytes() + room.values().nbytes();
    }

    /** Bytes of the entries held, without the room for more. */
    public long heldBytes() {
        return length == 0 ? 0 : bytes() / capacityTokens * length;
    }

    @Override
    public void close() {
        if (room != null) {
            room.scope().close();
            room = null;
        }
    }
}
