package dev.purekv.benchmark;

import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelFamily;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.PrefillReport;
import dev.purekv.model.Sequence;
import dev.purekv.model.VisionLanguageModel;
import dev.purekv.settings.KvSettings;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.LibTorch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Times prefills of long video prompts, without the vision tower, and prints each ratio to the dense prefill of the same run
 * beside its ceiling: what the ratio would be if the work that is left out had cost what it costs at this machine's kernel
 * rates, and nothing were added. The variants take turns, so that a slower moment slows all of them, and the fastest time of
 * each counts. The checkpoint is what integration-tests/reference/make_random_checkpoint.py writes.
 */
public final class SpeedBenchmark {
    private static final int FIRST = 4; // sparse or pruned layer
    private static final double RATIO = 5;
    private static final Map<String, ?> CUT = Map.of("compression_ratio", RATIO, "clie_layer", "3");
    private static final Map<String, Map<String, ?>> VARIANTS = new LinkedHashMap<>();

    static {
        VARIANTS.put("dense", Map.of());
        VARIANTS.put("sparse from 4", Map.of("clie_layer", "3", "sparse_attention_layer", FIRST));
        VARIANTS.put("ratio 5", CUT);
        VARIANTS.put("ratio 5, pruned at 4", with(CUT, "token_pruning_layer", FIRST));
        VARIANTS.put(
                "ratio 5, pruned at 4, sparse from 4",
                with(with(CUT, "token_pruning_layer", FIRST), "sparse_attention_layer", FIRST));
    }

    private final VisionLanguageModel model;
    private final JsonNode config;
    private final Shape shape;

    private SpeedBenchmark(VisionLanguageModel model, JsonNode config) {
        this.model = model;
        this.config = config;
        this.shape = Shape.of(config);
    }

    private static Map<String, ?> with(Map<String, ?> base, String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(base);
        more.put(name, value);
        return more;
    }

    /** @param arguments checkpoint folder, repetitions, then numbers of video tokens */
    public static void main(String[] arguments) {
        LibTorch.start();
        Path checkpoint = Path.of(arguments[0]);
        JsonNode config =
                JsonMapper.shared().readTree(checkpoint.resolve("config.json").toFile());
        try (LoadedModel loaded = ModelFamily.open(checkpoint, ModelSettings.read(Map.of()))) {
            SpeedBenchmark benchmark = new SpeedBenchmark(loaded.model(), config);
            ModelPrompt little = VideoPrompts.of(config, 8);
            VARIANTS.values()
                    .forEach(settings -> benchmark.prefill(little, settings)); // the first of a process is slow
            Arrays.stream(arguments)
                    .skip(2)
                    .mapToInt(Integer::parseInt)
                    .forEach(tokens -> benchmark.run(tokens, Integer.parseInt(arguments[1])));
        }
    }

    private void run(int videoTokens, int repetitions) {
        ModelPrompt prompt = VideoPrompts.of(config, videoTokens / VideoPrompts.CELLS);
        int tokens = prompt.tokens();
        KernelRates rates = KernelRates.measure(shape, tokens);
        print(
                "%d video tokens; this machine: linear %.0f GFLOP/s, dense fused attention %.0f GFLOP/s",
                videoTokens, rates.linear() / 1e9, rates.attention() / 1e9);
        Map<String, PrefillReport> fastest = new LinkedHashMap<>();
        for (int i = 0; i < repetitions; i++) {
            VARIANTS.forEach((name, settings) ->
                    fastest.merge(name, prefill(prompt, settings), (a, b) -> seconds(a) < seconds(b) ? a : b));
        }
        report(tokens, rates, fastest);
    }

    private PrefillReport prefill(ModelPrompt prompt, Map<String, ?> settings) {
        try (PointerScope scope = new PointerScope();
                InferenceMode noGradients = new InferenceMode(true);
                Sequence sequence = model.begin(prompt, 0, KvSettings.read(settings, KvSettings.DEFAULT))) {
            sequence.prefill(() -> {});
            return sequence.report();
        }
    }

    private void report(int tokens, KernelRates rates, Map<String, PrefillReport> fastest) {
        double dense = seconds(fastest.get("dense"));
        double linear = tokens * (shape.layers() * shape.projections() + (shape.layers() - 1) * shape.rest());
        double attention = (shape.layers() - 1) * shape.attention(Shape.causalPairs(tokens));
        print(
                "  dense                                %7.2f s, of which %.2f s linear and %.2f s attention at those rates",
                dense, linear / rates.linear(), attention / rates.attention());
        int survivors = (int) Math.ceil(tokens / RATIO);
        Savings sparse = Savings.sparse(shape, tokens, FIRST);
        Savings pruning = Savings.pruning(shape, tokens, survivors, FIRST);
        Map<String, Savings> savings = Map.of(
                "sparse from 4", sparse,
                "ratio 5", new Savings(0, 0),
                "ratio 5, pruned at 4", pruning,
                "ratio 5, pruned at 4, sparse from 4", pruning);
        fastest.forEach((name, report) -> {
            if (savings.containsKey(name)) {
                double ceiling = dense / (dense - savings.get(name).seconds(rates));
                double ratio = dense / seconds(report);
                print(
                        "  %-36s %7.2f s, %.2fx of at most %.2fx (%.0f %%); scoring and gathering %.0f ms (%.2f %% of dense); "
                                + "cache %.2fx smaller",
                        name,
                        seconds(report),
                        ratio,
                        ceiling,
                        100 * ratio / ceiling,
                        seconds(report.scoring()) * 1e3,
                        100 * seconds(report.scoring()) / dense,
                        (double) report.fullCacheBytes() / report.cacheBytes());
            }
        });
    }

    private static double seconds(PrefillReport report) {
        return seconds(report.language());
    }

    private static double seconds(Duration time) {
        return time.toNanos() / 1e9;
    }

    private static void print(String text, Object... values) {
        System.out.println(String.format(Locale.ROOT, text, values));
    }
}
