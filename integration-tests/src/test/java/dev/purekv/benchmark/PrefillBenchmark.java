package dev.purekv.benchmark;

import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelFamily;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.Sequence;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.LibTorch;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import tools.jackson.databind.json.JsonMapper;

/**
 * Times the prefill of a text prompt, and float32 matrix products beside it; prints seconds as JSON. Run by
 * integration-tests/reference/compare_prefill.py, which runs the reference in turn and does the arithmetic.
 */
public final class PrefillBenchmark {
    private static final int SIDE = 2048;

    private PrefillBenchmark() {}

    /** @param arguments checkpoint folder, prompt tokens, repetitions */
    public static void main(String[] arguments) {
        int tokens = Integer.parseInt(arguments[1]);
        int repetitions = Integer.parseInt(arguments[2]);
        LibTorch.start();
        try (LoadedModel loaded = ModelFamily.open(Path.of(arguments[0]), ModelSettings.read(Map.of()));
                PointerScope scope = new PointerScope();
                InferenceMode noGradients = new InferenceMode(true)) {
            ModelPrompt prompt = prompt(tokens);
            Tensor a = torch.rand(SIDE, SIDE);
            Tensor b = torch.rand(SIDE, SIDE);
            Map<String, Object> taken = Map.of(
                    "prefillSeconds", seconds(repetitions, () -> prefill(loaded, prompt)),
                    "matrixSide", SIDE,
                    "matrixSeconds", seconds(5, () -> a.matmul(b)));
            System.out.println(JsonMapper.builder().build().writeValueAsString(taken));
        }
    }

    private static ModelPrompt prompt(int tokens) {
        SplittableRandom random = new SplittableRandom(1);
        int[] ids = new int[tokens];
        Arrays.setAll(ids, i -> random.nextInt(200)); // bytes of a byte-level vocabulary: no placeholder is among them
        return new ModelPrompt(ids, List.of());
    }

    private static Tensor prefill(LoadedModel loaded, ModelPrompt prompt) {
        try (Sequence sequence = loaded.model().begin(prompt, 0)) {
            return sequence.prefill(() -> {});
        }
    }

    /** Seconds of each run, after one that warms up. */
    private static double[] seconds(int repetitions, Supplier<Tensor> work) {
        double[] taken = new double[repetitions];
        for (int i = -1; i < repetitions; i++) {
            long start = System.nanoTime();
            try (PointerScope scope = new PointerScope()) {
                work.get();
            }
            taken[Math.max(i, 0)] = (System.nanoTime() - start) / 1e9;
        }
        return taken;
    }
}
