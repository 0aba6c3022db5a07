package dev.purekv.compression;

import dev.purekv.cache.KvCache;
import dev.purekv.cache.LayerCache;
import dev.purekv.tensor.Native;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What the compression of one prompt gathers while its layers are computed from the lowest to the highest. A layer is cut
 * as soon as it can be scored: with source layers, those below the first one wait for it, and each layer is scored with the
 * mean of the sources that ran until then, itself included. So besides the waiting ones at most one layer is ever full.
 */
public final class PrefillCompression {
    private final Compression compression;
    private final CompressionPlan plan;
    private final int room;
    private final Tensor sourceSum; // (G, N), summed over the sources that ran
    private int sourcesRun;
    private int next; // layers below this one are cut
    private int[] survivors; // null until they are chosen
    private long nanos;

    /**
     * Its native memory belongs to the caller's scope.
     *
     * @param plan of {@code compression} for this prompt
     * @param room tokens that follow the prompt
     * @param sums (G, N) of zeros; overwritten
     */
    public PrefillCompression(Compression compression, CompressionPlan plan, int room, Tensor sums) {
        this.compression = compression;
        this.plan = plan;
        this.room = room;
        this.sourceSum = sums;
    }

    /** How many of a layer's last queries {@link #afterAttention} needs; 0 for none. */
    public int observedQueries(int layer) {
        if (!plan.cutsAnything()) {
            return 0;
        }
        int window = Math.min(compression.window(), plan.tokens());
        return switch (compression.scorer().observes()) {
            case NOTHING -> 0;
            case SOURCE_LAYERS -> compression.sources().contains(layer) ? window : 0;
            case OWN_WINDOW -> plan.cuts(layer) ? window : 0;
            case OWN_PROMPT -> plan.cuts(layer) ? plan.tokens() : 0;
        };
    }

    /**
     * Cuts every layer that can be scored now. To be called once for each layer, in their order, when nothing of this
     * prefill reads its cache any more.
     *
     * @param queries (T, H, D), rotated, of which the last {@link #observedQueries} are read
     */
    public void afterAttention(int layer, Tensor queries, KvCache cache) {
        if (!plan.cutsAnything()) {
            return;
        }
        long start = System.nanoTime();
        try (PointerScope scope = new PointerScope()) {
            Tensor attention = observe(layer, queries, cache.layer(layer)); // (G, N), or null
            boolean waits = compression.scorer().observes() == Observation.SOURCE_LAYERS && attention == null;
            while (!waits && next <= layer) {
                cut(next, attention, cache.layer(next));
                next++;
            }
            if (plan.pruning().isPresent() && plan.pruning().get().firstLayer() == layer + 1) {
                survivors = plan.pruning().get().choose(attention.mean(0)); // no source is left to run
            }
        }
        nanos += System.nanoTime() - start;
    }

    /** The tokens that go on from this layer, ascending, where some that entered it do not; known after its attention. */
    public Optional<int[]> survivors(int layer) {
        return plan.pruning().filter(each -> each.firstLayer() == layer + 1).map(each -> survivors);
    }

    private Tensor observe(int layer, Tensor queries, LayerCache cache) {
        int observed = observedQueries(layer);
        Tensor own = observed == 0
                ? null
                : ObservedAttention.received(queries.narrow(0, queries.size(0) - observed, observed), cache.keys());
        if (compression.scorer().observes() != Observation.SOURCE_LAYERS) {
            return own;
        }
        if (own != null) {
            sourceSum.add_(own);
            sourcesRun++;
        }
        return sourcesRun == 0 ? null : Native.scoped(() -> sourceSum.div(new Scalar(sourcesRun)));
    }

    private void cut(int layer, Tensor attention, LayerCache cache) {
        if (!plan.cuts(layer)) {
            return;
        }
        try (PointerScope scope = new PointerScope()) {
            int keep = plan.kept()[layer];
            ScoredLayer scored = new ScoredLayer(layer, cache.keys(), cache.values(), ofTokensLeft(layer, attention));
            cache.keep(compression.keptPositions(scored, keep), keep + room);
        }
    }

    /** @return the columns of the tokens that this layer has */
    private Tensor ofTokensLeft(int layer, Tensor attention) {
        if (plan.tokens(layer) == plan.tokens()) {
            return attention;
        }
        Tensor left = Tensor.create(Arrays.stream(survivors).asLongStream().toArray())
                .to(attention.device(), ScalarType.Long);
        return attention.index_select(1, left); // (G, M)
    }

    /** Time spent on observing, scoring and gathering. */
    public Duration spent() {
        return Duration.ofNanos(nanos);
    }
}
