package dev.purekv.cache;

import dev.purekv.tensor.ComputeDevice;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;

/** The caches of all layers of one sequence; owns their memory. */
public final class KvCache implements AutoCloseable {
    /**
     * The size of a cache.
     *
     * @param capacityTokens prompt and answer together
     */
    public record Shape(int layers, int keyValueHeads, int capacityTokens, int headWidth) {}

    private final PointerScope scope;
    private final List<LayerCache> layers;

    private KvCache(PointerScope scope, List<LayerCache> layers) {
        this.scope = scope;
        this.layers = layers;
    }

    public static KvCache reserve(Shape shape, ComputeDevice device) {
        try (PointerScope scope = new PointerScope()) {
            List<LayerCache> layers = IntStream.range(0, shape.layers())
                    .mapToObj(layer ->
                            new LayerCache(device, shape.keyValueHeads(), shape.capacityTokens(), shape.headWidth()))
                    .toList();
            return new KvCache(scope.extend(), layers);
        }
    }

    public LayerCache layer(int index) {
        return layers.get(index);
    }

    /** Bytes reserved by all layers. */
    public long bytes() {
        return layers.stream().mapToLong(LayerCache::bytes).sum();
    }

    @Override
    public void close() {
        scope.close();
    }
}
