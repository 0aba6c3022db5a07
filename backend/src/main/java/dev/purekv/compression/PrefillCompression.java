package dev.purekv.compression;

import dev.purekv.cache.KvCache;
import dev.purekv.cache.LayerCache;
import dev.purekv.tensor.Native;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.DeviceType;
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
    private final PrefillWitness witness;
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
    public PrefillCompression(
            Compression compression, CompressionPlan plan, int room, Tensor sums, PrefillWitness witness) {
        this.compression = compression;
        this.plan = plan;
        this.room = room;
        this.sourceSum = sums;
        this.witness = witness;
    }

    /** How many of a layer's last queries {@link #afterAttention} needs; 0 for none. */
    public int observedQueries(int layer) {
        return Math.max(scoredQueries(layer), witnessedQueries());
    }

    private int witnessedQueries() {
        return Math.min(witness.observedQueries(), plan.tokens());
    }

    /** Those that the method itself needs. */
    private int scoredQueries(int layer) {
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
        show(layer, queries, cache.layer(layer));
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

    private void show(int layer, Tensor queries, LayerCache cache) {
        int observed = witnessedQueries();
        if (observed > 0) {
            try (PointerScope scope = new PointerScope()) {
                Tensor attention = received(queries, observed, cache);
                witness.observes(new ScoredLayer(layer, cache.keys(), cache.values(), attention));
            }
        }
    }

    /** @return (G, N) */
    private static Tensor received(Tensor queries, int observed, LayerCache cache) {
        return ObservedAttention.received(queries.narrow(0, queries.size(0) - observed, observed), cache.keys());
    }

    private Tensor observe(int layer, Tensor queries, LayerCache cache) {
        int observed = scoredQueries(layer);
        Tensor own = observed == 0 ? null : received(queries, observed, cache);
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
            if (isPruned(layer) && witness.asksWhatIsKept()) {
                int[][] all = new int[(int) cache.keys().size(0)][];
                Arrays.setAll(all, head -> IntStream.range(0, survivors.length).toArray());
                tell(layer, all);
            }
            return;
        }
        try (PointerScope scope = new PointerScope()) {
            int keep = plan.kept()[layer];
            ScoredLayer scored = new ScoredLayer(layer, cache.keys(), cache.values(), ofTokensLeft(layer, attention));
            Tensor positions = compression.keptPositions(scored, keep); // (G, K), among the tokens left
            cache.keep(positions, keep + room);
            if (witness.asksWhatIsKept()) {
                tell(layer, rows(positions));
            }
        }
    }

    /** @return the columns of the tokens that this layer has */
    private Tensor ofTokensLeft(int layer, Tensor attention) {
        if (!isPruned(layer)) {
            return attention;
        }
        Tensor left = Tensor.create(Arrays.stream(survivors).asLongStream().toArray())
                .to(attention.device(), ScalarType.Long);
        return attention.index_select(1, left); // (G, M)
    }

    private boolean isPruned(int layer) {
        return plan.tokens(layer) < plan.tokens();
    }

    /**
     * The one place where entries of a layer get the positions that they have in the prompt.
     *
     * @param rows by head, among the tokens left
     */
    private void tell(int layer, int[][] rows) {
        long start = System.nanoTime();
        if (isPruned(layer)) {
            for (int[] row : rows) {
                Arrays.setAll(row, i -> survivors[row[i]]);
            }
        }
        witness.keeps(layer, rows, plan.tokens());
        nanos -= System.nanoTime() - start; // what a witness costs is no part of the method
    }

    private static int[][] rows(Tensor positions) {
        int heads = (int) positions.size(0);
        int kept = (int) positions.size(1);
        long[] all = new long[heads * kept];
        positions
                .to(new Device(DeviceType.CPU), ScalarType.Long)
                .contiguous()
                .data_ptr_long()
                .get(all);
        int[][] rows = new int[heads][kept];
        for (int i = 0; i < all.length; i++) {
            rows[i / kept][i % kept] = (int) all[i];
        }
        return rows;
    }

    /** Time spent on observing, scoring and gathering. */
    public Duration spent() {
        return Duration.ofNanos(nanos);
    }
}
