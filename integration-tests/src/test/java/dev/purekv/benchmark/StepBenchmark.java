package dev.purekv.benchmark;

import dev.purekv.engine.Engine;
import dev.purekv.engine.GenerationRequest;
import dev.purekv.engine.Meters;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelFamily;
import dev.purekv.server.InferenceRequest;
import dev.purekv.server.InferenceResponse;
import dev.purekv.server.TensorData;
import dev.purekv.settings.ModelSettings;
import dev.purekv.triton.EmbeddedServer;
import dev.purekv.triton.EmbeddedServerOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * What Triton and Java cost a token: streamed answers of a model that computes next to nothing, from the engine alone and through a Triton in
 * this process, in turns. A request's own cost is that of an answer of one token; a token's is the rest by the number of tokens.
 */
public final class StepBenchmark {
    private static final String PROMPT = "a red 1 moves";

    private final Engine engine;
    private final EmbeddedServer triton;

    private StepBenchmark(Engine engine, EmbeddedServer triton) {
        this.engine = engine;
        this.triton = triton;
    }

    /** @param arguments checkpoint folder of an almost empty model, tokens of an answer (200), rounds (101) */
    public static void main(String[] arguments) throws IOException {
        Path checkpoint = Path.of(arguments[0]).toAbsolutePath();
        int tokens = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 200;
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 101;
        ModelSettings settings = ModelSettings.read(Map.of());
        try (EmbeddedServer triton = EmbeddedServer.start(EmbeddedServerOptions.of(repository(checkpoint)));
                LoadedModel loaded = ModelFamily.open(checkpoint, settings);
                Engine engine = new Engine("step", loaded, settings, Meters.NONE)) {
            StepBenchmark benchmark = new StepBenchmark(engine, triton);
            double[] one = benchmark.compare(1, rounds);
            double[] many = benchmark.compare(tokens, rounds);
            double alone = (many[0] - one[0]) / (tokens - 1) * 1000;
            double served = (many[1] - one[1]) / (tokens - 1) * 1000;
            System.out.println(String.format(
                    Locale.ROOT,
                    "a token: %.0f us from the engine, %.0f us through Triton: %+.0f us",
                    alone,
                    served,
                    served - alone));
        }
        System.exit(0); // libraries keep threads
    }

    private static Path repository(Path checkpoint) throws IOException {
        Path repository = Files.createTempDirectory("step");
        Path model = Files.createDirectories(repository.resolve("empty/1")).getParent();
        Files.writeString(
                model.resolve("config.pbtxt"),
                "backend: \"purekv\" parameters { key: \"checkpoint\" value { string_value: \"" + checkpoint
                        + "\" } }");
        return repository;
    }

    /** @return medians in milliseconds: of the engine, and through Triton */
    private double[] compare(int tokens, int rounds) {
        double[] alone = new double[rounds];
        double[] served = new double[rounds];
        for (int round = -20; round < rounds; round++) {
            double first = round % 2 == 0 ? byEngine(tokens) : byTriton(tokens);
            double second = round % 2 == 0 ? byTriton(tokens) : byEngine(tokens);
            if (round >= 0) {
                alone[round] = round % 2 == 0 ? first : second;
                served[round] = round % 2 == 0 ? second : first;
            }
        }
        double[] medians = {median(alone), median(served)};
        System.out.println(String.format(
                Locale.ROOT,
                "%d tokens: %.3f ms from the engine, %.3f ms through Triton: %+.3f ms",
                tokens,
                medians[0],
                medians[1],
                medians[1] - medians[0]));
        return medians;
    }

    private static Map<String, Object> sampling(int tokens) {
        return Map.of("max_tokens", (long) tokens, "ignore_eos", true, "temperature", 0.0);
    }

    private double byEngine(int tokens) {
        long start = System.nanoTime();
        WholeAnswer answer = new WholeAnswer();
        engine.submit(
                new GenerationRequest(
                        (encoder, cancelled) -> encoder.encodeRaw(PROMPT, List.of(), cancelled),
                        sampling(tokens),
                        Map.of(),
                        start,
                        0),
                answer);
        answer.await();
        return (System.nanoTime() - start) / 1e6;
    }

    private double byTriton(int tokens) {
        long start = System.nanoTime();
        CompletableFuture<Void> end = new CompletableFuture<>();
        byte[] text = PROMPT.getBytes(StandardCharsets.UTF_8);
        ByteBuffer element = ByteBuffer.allocate(4 + text.length).order(ByteOrder.LITTLE_ENDIAN);
        element.putInt(text.length).put(text);
        List<TensorData> inputs = List.of(
                new TensorData("text_input", "BYTES", new long[] {1}, element.array()),
                new TensorData("stream", "BOOL", new long[] {1}, new byte[] {1}));
        Map<String, Object> parameters = new HashMap<>(sampling(tokens));
        parameters.put("apply_chat_template", false);
        triton.infer(
                new InferenceRequest("empty", "", "", inputs, List.of(), parameters),
                (response, last) -> heard(response, last, end));
        end.join();
        return (System.nanoTime() - start) / 1e6;
    }

    private static void heard(InferenceResponse response, boolean last, CompletableFuture<Void> end) {
        if (response != null && response.error() != null) {
            end.completeExceptionally(response.error());
        } else if (last) {
            end.complete(null);
        }
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
