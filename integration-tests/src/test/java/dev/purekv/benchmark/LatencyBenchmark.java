package dev.purekv.benchmark;

import dev.purekv.engine.Engine;
import dev.purekv.engine.GenerationRequest;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelFamily;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.Sequence;
import dev.purekv.settings.KvSettings;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.LibTorch;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the engine costs someone who asks alone: one request at a time through the engine, and the same work in the plainest loop there
 * is (prompt, then token after token, the likeliest each time), in turns. Prints medians of the whole request and of a token.
 */
public final class LatencyBenchmark {
    private final LoadedModel loaded;
    private final ModelPrompt prompt;
    private final int newTokens;

    private LatencyBenchmark(LoadedModel loaded, ModelPrompt prompt, int newTokens) {
        this.loaded = loaded;
        this.prompt = prompt;
        this.newTokens = newTokens;
    }

    /** @param arguments checkpoint folder, video tokens, new tokens, rounds */
    public static void main(String[] arguments) {
        LibTorch.start();
        Path checkpoint = Path.of(arguments[0]);
        JsonNode config =
                JsonMapper.shared().readTree(checkpoint.resolve("config.json").toFile());
        ModelPrompt prompt = VideoPrompts.of(config, Integer.parseInt(arguments[1]) / VideoPrompts.CELLS);
        int newTokens = Integer.parseInt(arguments[2]);
        try (LoadedModel loaded = ModelFamily.open(checkpoint, ModelSettings.read(Map.of()))) {
            new LatencyBenchmark(loaded, prompt, 1).compare(Integer.parseInt(arguments[3]));
            new LatencyBenchmark(loaded, prompt, newTokens).compare(Integer.parseInt(arguments[3]));
        }
    }

    private void compare(int rounds) {
        double[] bare = new double[rounds];
        double[] served = new double[rounds];
        ModelSettings settings = ModelSettings.read(Map.of("kv_cache_bytes", "4GB"));
        try (Engine engine = new Engine("latency", loaded, settings, new EngineTimes())) {
            alone();
            through(engine);
            for (int round = 0; round < rounds; round++) {
                // Whoever comes second finds warmer caches: they take turns in that as well.
                if (round % 2 == 0) {
                    bare[round] = alone();
                    served[round] = through(engine);
                } else {
                    served[round] = through(engine);
                    bare[round] = alone();
                }
            }
        }
        System.out.println(String.format(
                Locale.ROOT,
                "%d prompt tokens, %d new: plain loop %.2f ms, engine %.2f ms, %+.2f ms, %.3fx",
                prompt.tokens(),
                newTokens,
                median(bare),
                median(served),
                median(served) - median(bare),
                median(served) / median(bare)));
    }

    /** Milliseconds. */
    private double alone() {
        long start = System.nanoTime();
        try (PointerScope scope = new PointerScope();
                InferenceMode noGradients = new InferenceMode(true);
                Sequence sequence = loaded.model().begin(prompt, newTokens, KvSettings.DEFAULT)) {
            int token = likeliest(sequence.prefill(() -> {}));
            for (int i = 1; i < newTokens; i++) {
                try (PointerScope step = new PointerScope()) {
                    token = likeliest(sequence.decode(token));
                }
            }
        }
        return (System.nanoTime() - start) / 1e6;
    }

    private static int likeliest(Tensor logits) {
        return logits.argmax().item().toInt();
    }

    /** Milliseconds. */
    private double through(Engine engine) {
        long start = System.nanoTime();
        WholeAnswer answer = new WholeAnswer();
        engine.submit(
                new GenerationRequest(
                        (encoder, cancelled) -> prompt,
                        Map.of("max_tokens", newTokens, "ignore_eos", true, "temperature", 0),
                        Map.of(),
                        System.nanoTime(),
                        0),
                answer);
        answer.await();
        return (System.nanoTime() - start) / 1e6;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
