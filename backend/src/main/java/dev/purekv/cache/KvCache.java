package dev.purekv.cache;

import dev.purekv.tensor.ComputeDevice;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** The caches of all layers of one sequence; owns their memory. Layers may hold different numbers of entries. */
public final class KvCache implements AutoCloseable {
    /**
     * The size of a cache.
     *
     * @param capacityTokens prompt and answer together
     */
    public record Shape(int layers, int keyValueHeads, int capacityTokens, int headWidth) {}

    private final List<LayerCache> layers;

    private KvCache(List<LayerCache> layers) {
        this.layers = layers;
    }

    /** Reserves all memory now. */
    public static KvCache reserve(Shape shape, ComputeDevice device) {
        KvCache cache = growing(shape, layer -> shape.capacityTokens(), device);
        try {
            cache.layers.forEach(LayerCache::reserve);
            return cache;
        } catch (RuntimeException e) {
            cache.close();
            throw e;
        }
    }

    /**
     * Reserves a layer when it is first written, so that layers below may have been cut by then.
     *
     * @param capacityTokens by layer; replaces the shape's
     */
    public static KvCache growing(Shape shape, IntUnaryOperator capacityTokens, ComputeDevice device) {
        return new KvCache(IntStream.range(0, shape.layers())
                .mapToObj(layer -> new LayerCache(
                        device, shape.keyValueHeads(), capacityTokens.applyAsInt(layer), shape.headWidth()))
                .toList());
    }

    public LayerCache layer(int index) {
        return layers.get(index);
    }

    /** @return tokens held, by layer: a state to {@link #truncate} to, as long as tokens are only appended */
    public int[] lengths() {
        return layers.stream().mapToInt(LayerCache::length).toArray();
    }

    /** Forgets what was appended since {@link #lengths} was asked. */
    public void truncate(int[] lengths) {
        for (int layer = 0; layer < lengths.length; layer++) {
            layers.get(layer).truncate(lengths[layer]);
        }
    }

    /** Bytes reserved by all layers. */
    public long bytes() {
        return layers.stream().mapToLong(LayerCache::bytes).sum();
    }

    /** Bytes of the entries that all layers hold, without the room for more. */
    public long heldBytes() {
        return layers.stream().mapToLong(LayerCache::heldBytes).sum();
    }

    @Override
    public void close() {
        layers.forEach(LayerCache::close);
    }
}
