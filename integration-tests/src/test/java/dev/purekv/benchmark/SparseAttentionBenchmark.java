package dev.purekv.benchmark;

import dev.purekv.attention.CausalAttention;
import dev.purekv.attention.FusedAttention;
import dev.purekv.attention.sparse.MergedSparseAttention;
import dev.purekv.attention.sparse.SparsePattern;
import dev.purekv.attention.sparse.SparseReach;
import dev.purekv.attention.sparse.VisualRun;
import dev.purekv.model.qwen25vl.Qwen25Vl;
import dev.purekv.tensor.ComputeDevice;
import dev.purekv.tensor.LibTorch;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Times spatial-temporal sparse attention against dense fused attention, alone and in whole prefills, and prints each ratio
 * beside its ceiling: what it would be if the pairs of tokens that remain ran at the rate of the dense ones, and nothing else
 * cost anything. Times of a prefill are of the decoder; the vision tower is left out.
 *
 * <p>Dense and sparse runs alternate, so that a slower machine slows both, and the fastest layer of each kind is what the
 * comparison with the ceiling takes. The checkpoint is what
 * integration-tests/reference/make_random_checkpoint.py writes.
 *
 * <pre>
 * mvn -o -pl backend,integration-tests test-compile
 * java -cp CLASSPATH dev.purekv.benchmark.SparseAttentionBenchmark CHECKPOINT WALL REPETITIONS 2048 8192 16384
 * </pre>
 *
 * where CLASSPATH holds integration-tests/target/test-classes, backend/target/classes and what
 * {@code mvn -pl backend dependency:build-classpath} prints.
 */
public final class SparseAttentionBenchmark {
    private static final int CELLS = VideoPrefill.CELLS;
    private static final int TEXT = 20; // tokens before the video, and as many behind it
    private static final int FIRST_SPARSE_LAYER = 4;
    private static final int HEADS = 14;
    private static final int GROUPS = 2;
    private static final int WIDTH = 64;

    private SparseAttentionBenchmark() {}

    /** @param arguments checkpoint folder, {@link Clock}, repetitions, then numbers of video tokens */
    public static void main(String[] arguments) {
        Clock clock = Clock.valueOf(arguments[1]);
        int repetitions = Integer.parseInt(arguments[2]);
        LibTorch.start();
        Path checkpoint = Path.of(arguments[0]);
        JsonNode config =
                JsonMapper.shared().readTree(checkpoint.resolve("config.json").toFile());
        try (Qwen25Vl model = Qwen25Vl.open(checkpoint, ComputeDevice.CPU, 0)) {
            Arrays.stream(arguments).skip(3).mapToInt(Integer::parseInt).forEach(tokens -> {
                double saved = operator(clock, tokens / CELLS, repetitions);
                prefill(new VideoPrefill(model, config, clock, TEXT, tokens / CELLS), tokens, repetitions, saved);
            });
        }
    }

    /** @return seconds of one layer's dense attention that the ceiling does without */
    private static double operator(Clock clock, int slices, int repetitions) {
        SparsePattern pattern = pattern(slices);
        double share = shareOfPairs(pattern);
        double[] dense = new double[repetitions];
        double[] sparse = new double[repetitions];
        try (PointerScope scope = new PointerScope();
                InferenceMode noGradients = new InferenceMode(true)) {
            Tensor q = torch.randn(pattern.tokens(), HEADS, WIDTH);
            Tensor k = torch.randn(GROUPS, pattern.tokens(), WIDTH);
            Tensor v = torch.randn(GROUPS, pattern.tokens(), WIDTH);
            CausalAttention fused = new FusedAttention();
            CausalAttention merged = (a, b, c) -> new MergedSparseAttention().attend(a, b, c, pattern);
            seconds(clock, merged, q, k, v);
            for (int i = 0; i < repetitions; i++) {
                dense[i] = seconds(clock, fused, q, k, v);
                sparse[i] = seconds(clock, merged, q, k, v);
            }
        }
        double full = min(dense);
        double gflops = 4.0 * HEADS * WIDTH * pairs(pattern.tokens()) / 1e9;
        System.out.printf(
                "%6d video tokens, one attention: dense %.3f s (%.0f GFLOP/s), sparse %.3f s (%.0f GFLOP/s), %.1fx of at most %.1fx%n",
                slices * CELLS,
                full,
                gflops / full,
                min(sparse),
                gflops * share / min(sparse),
                full / min(sparse),
                1 / share);
        return full * (1 - share);
    }

    /** @return seconds of one call, of as many as make the steps of any clock small */
    private static double seconds(Clock clock, CausalAttention attention, Tensor q, Tensor k, Tensor v) {
        long calls = Math.max(2, 16384 / q.size(0));
        long start = clock.nanoseconds();
        for (int i = 0; i < calls; i++) {
            try (PointerScope scope = new PointerScope()) {
                attention.causal(q, k, v);
            }
        }
        return (clock.nanoseconds() - start) / 1e9 / calls;
    }

    private static void prefill(VideoPrefill prefill, int tokens, int repetitions, double savedByLayer) {
        VideoPrefill.Times dense = prefill.dense();
        VideoPrefill.Times sparse = prefill.sparse(FIRST_SPARSE_LAYER, SparseReach.FULL);
        for (int i = 1; i < repetitions; i++) {
            dense = VideoPrefill.Times.fastest(dense, prefill.dense());
            sparse = VideoPrefill.Times.fastest(sparse, prefill.sparse(FIRST_SPARSE_LAYER, SparseReach.FULL));
        }
        System.out.printf(
                "%6d video tokens, prefill as it ran: dense %.2f s, sparse from layer %d %.2f s, %.2fx%n",
                tokens, dense.total(), FIRST_SPARSE_LAYER, sparse.total(), dense.total() / sparse.total());

        // All layers but the last are of one size, so the fastest tells what each takes when nothing else runs here.
        // The last
        // is asked for one token only, dense or sparse: nothing is to be saved there.
        double denseLayer =
                Math.min(dense.fastest(0, dense.layers().length - 1), sparse.fastest(0, FIRST_SPARSE_LAYER));
        double sparseLayer = sparse.fastest(FIRST_SPARSE_LAYER, sparse.layers().length - 1);
        int sparseLayers = dense.layers().length - 1 - FIRST_SPARSE_LAYER;
        double last = Math.min(dense.last(), sparse.last());
        double whole = (FIRST_SPARSE_LAYER + sparseLayers) * denseLayer + last;
        double ratio = whole / (whole - sparseLayers * (denseLayer - sparseLayer));
        double ceiling = whole / (whole - sparseLayers * savedByLayer);
        System.out.printf(
                "%6d video tokens, fastest layer: dense %.3f s, sparse %.3f s; prefill of such layers %.2fx of at most %.2fx "
                        + "(%.0f %%)%n",
                tokens, denseLayer, sparseLayer, ratio, ceiling, 100 * ratio / ceiling);
    }

    private static SparsePattern pattern(int slices) {
        VisualRun video = new VisualRun(TEXT, slices, CELLS);
        return new SparsePattern(video.end() + TEXT, List.of(video), SparseReach.FULL);
    }

    /** Of all causal pairs of tokens, those that the pattern keeps. */
    private static double shareOfPairs(SparsePattern pattern) {
        VisualRun video = pattern.visuals().get(0);
        double text = pairs(pattern.tokens()) - pairs(video.end()) + pairs(video.start());
        double prefix = (double) video.tokens() * video.start();
        double space = video.slices() * pairs(video.cells());
        double time = video.cells() * (pairs(video.slices()) - video.slices()); // itself is counted in its slice
        return (text + prefix + space + time) / pairs(pattern.tokens());
    }

    private static double pairs(double tokens) {
        return tokens * (tokens + 1) / 2;
    }

    private static double min(double[] values) {
        return Arrays.stream(values).min().orElseThrow();
    }
}
