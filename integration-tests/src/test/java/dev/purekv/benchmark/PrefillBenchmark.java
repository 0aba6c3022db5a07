package dev.purekv.benchmark;

import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelFamily;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.Sequence;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.LibTorch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Times the prefill of a text prompt and prints it as JSON, beside the peak of float32 matrix products on this machine. Run by
 * integration-tests/reference/prefill_benchmark.py, which times the reference in the same run.
 */
public final class PrefillBenchmark {
    private static final long[] SQUARES = {1024, 2048, 3072};

    private PrefillBenchmark() {}

    /** @param arguments checkpoint folder, prompt tokens, repetitions */
    public static void main(String[] arguments) throws Exception {
        Path checkpoint = Path.of(arguments[0]);
        int tokens = Integer.parseInt(arguments[1]);
        int repetitions = Integer.parseInt(arguments[2]);
        LibTorch.start();
        try (LoadedModel loaded = ModelFamily.open(checkpoint, ModelSettings.read(Map.of()));
                PointerScope scope = new PointerScope();
                InferenceMode noGradients = new InferenceMode(true)) {
            double peak = Arrays.stream(SQUARES)
                    .mapToDouble(PrefillBenchmark::gemm)
                    .max()
                    .orElseThrow();
            ModelPrompt prompt = prompt(tokens);
            double seconds = best(repetitions, () -> prefill(loaded, prompt));
            double flops = flops(
                    JsonMapper.builder().build().readTree(Files.readString(checkpoint.resolve("config.json"))), tokens);
            System.out.printf(
                    "{\"tokens\": %d, \"prefill_seconds\": %.4f, \"gflops_per_second\": %.1f, \"sgemm_peak_gflops_per_second\": %.1f, "
                            + "\"share_of_peak\": %.3f}%n",
                    tokens, seconds, flops / seconds / 1e9, peak / 1e9, flops / seconds / peak);
        }
    }

    private static ModelPrompt prompt(int tokens) {
        SplittableRandom random = new SplittableRandom(1);
        int[] ids = new int[tokens];
        Arrays.setAll(ids, i -> random.nextInt(200)); // bytes of a byte-level vocabulary: no placeholder is among them
        return new ModelPrompt(ids, List.of());
    }

    private static double prefill(LoadedModel loaded, ModelPrompt prompt) {
        long start = System.nanoTime();
        try (PointerScope scope = new PointerScope();
                Sequence sequence = loaded.model().begin(prompt, 0)) {
            sequence.prefill(() -> false);
        }
        return (System.nanoTime() - start) / 1e9;
    }

    /** @return operations a second of an n x n x n product */
    private static double gemm(long n) {
        try (PointerScope scope = new PointerScope()) {
            Tensor a = torch.rand(n, n);
            Tensor b = torch.rand(n, n);
            return 2.0
                    * n
                    * n
                    * n
                    / best(5, () -> {
                        long start = System.nanoTime();
                        try (PointerScope product = new PointerScope()) {
                            a.matmul(b);
                        }
                        return (System.nanoTime() - start) / 1e9;
                    });
        }
    }

    private static double best(int repetitions, DoubleSupplier run) {
        run.getAsDouble();
        double best = Double.POSITIVE_INFINITY;
        for (int i = 0; i < repetitions; i++) {
            best = Math.min(best, run.getAsDouble());
        }
        return best;
    }

    /** Multiplications and additions of all layers; causal attention counted as half of the square. */
    private static double flops(JsonNode root, int tokens) {
        JsonNode config = root.has("text_config") ? root.path("text_config") : root;
        double hidden = config.path("hidden_size").asDouble();
        double inner = config.path("intermediate_size").asDouble();
        double heads = config.path("num_attention_heads").asDouble();
        double groups = config.path("num_key_value_heads").asDouble();
        double weights = hidden * hidden * 2 + 2 * hidden * hidden * groups / heads + 3 * hidden * inner;
        double layer = 2 * tokens * weights + 4 * hidden * tokens * tokens / 2;
        return layer * config.path("num_hidden_layers").asDouble();
    }
}
