package dev.purekv.benchmark;

import dev.purekv.benchmark.CostGroup.Call;
import dev.purekv.compression.CompressionStage;
import dev.purekv.engine.Engine;
import dev.purekv.engine.GenerationRequest;
import dev.purekv.engine.Meters;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelFamily;
import dev.purekv.server.InferenceRequest;
import dev.purekv.server.InferenceResponse;
import dev.purekv.server.InferenceServer;
import dev.purekv.server.ResponseObserver;
import dev.purekv.server.TensorData;
import dev.purekv.settings.KvSettings;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.HostTensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Requests without a door: to Triton inside this process, and to what is below it. */
final class DirectCalls implements AutoCloseable {
    static final String PROMPT = "a red 1 moves";
    static final int TOKENS = 8;
    static final String QUESTION = "Describe the video.";
    private static final Map<String, Object> GREEDY =
            Map.of("max_tokens", (long) TOKENS, "ignore_eos", true, "temperature", 0.0);

    private final InferenceServer triton;
    private final LoadedModel loaded;
    private final Engine engine;

    DirectCalls(InferenceServer triton) {
        this.triton = triton;
        ModelSettings settings = ModelSettings.read(Map.of("layer_budgets", "inverted"));
        loaded = ModelFamily.open(Path.of("model-repository/moving-digits/1"), settings);
        engine = new Engine("cost", loaded, settings, Meters.NONE);
    }

    static byte[] clip() throws IOException {
        return Files.readAllBytes(Path.of("model-repository/moving-digits/samples/digits-16x112-1.mp4"));
    }

    Call stageByTriton() {
        InferenceRequest request = new InferenceRequest(
                "kv_compression",
                "",
                "",
                List.of(
                        new TensorData("OBSERVED_ATTENTION", "FP32", new long[] {2, 1, 6}, Stage.ATTENTION),
                        new TensorData("KEYS", "FP32", new long[] {1, 6, 2}, Stage.KEYS),
                        new TensorData("VALUES", "FP32", new long[] {1, 6, 2}, Stage.VALUES)),
                List.of(),
                Map.of("compression_ratio", 2L, "sink_tokens", 1L, "recent_tokens", 1L));
        return () -> ask(request);
    }

    /** The same cut, from bytes to bytes. */
    Call stageAlone() {
        KvSettings settings = KvSettings.read(
                Map.of("compression_ratio", 2, "sink_tokens", 1, "recent_tokens", 1), KvSettings.DEFAULT);
        return () -> {
            try (PointerScope scope = new PointerScope()) {
                CompressionStage.Output output = new CompressionStage(settings, 0, 1)
                        .run(new CompressionStage.Input(
                                HostTensors.of(Stage.ATTENTION, ScalarType.Float, new long[] {2, 1, 6}),
                                HostTensors.of(Stage.KEYS, ScalarType.Float, new long[] {1, 6, 2}),
                                HostTensors.of(Stage.VALUES, ScalarType.Float, new long[] {1, 6, 2})));
                HostTensors.bytes(output.positions());
                HostTensors.bytes(output.keys());
                HostTensors.bytes(output.values());
            }
        };
    }

    /** @param streamed whether the answer comes in pieces, or in one */
    Call textByTriton(boolean streamed) {
        Map<String, Object> parameters = new HashMap<>(GREEDY);
        parameters.put("apply_chat_template", false);
        TensorData stream = new TensorData("stream", "BOOL", new long[] {1}, new byte[] {(byte) (streamed ? 1 : 0)});
        InferenceRequest request =
                new InferenceRequest("moving-digits", "", "", List.of(text(PROMPT), stream), List.of(), parameters);
        return () -> ask(request);
    }

    Call clipByTriton() throws IOException {
        TensorData video = new TensorData("video", "BYTES", new long[] {1}, element(clip()));
        InferenceRequest request =
                new InferenceRequest("moving-digits", "", "", List.of(text(QUESTION), video), List.of(), GREEDY);
        return () -> ask(request);
    }

    Call textByEngine() {
        return () -> {
            WholeAnswer answer = new WholeAnswer();
            engine.submit(
                    new GenerationRequest(
                            (encoder, cancelled) -> encoder.encodeRaw(PROMPT, List.of(), cancelled),
                            GREEDY,
                            Map.of(),
                            System.nanoTime(),
                            0),
                    answer);
            answer.await();
        };
    }

    private static TensorData text(String text) {
        return new TensorData("text_input", "BYTES", new long[] {1}, element(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** A value of a tensor of bytes. */
    static byte[] element(byte[] data) {
        return ByteBuffer.allocate(4 + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(data.length)
                .put(data)
                .array();
    }

    private void ask(InferenceRequest request) {
        End end = new End();
        triton.infer(request, end);
        end.future.join();
    }

    @Override
    public void close() {
        engine.close();
        loaded.close();
    }

    private static final class End implements ResponseObserver {
        private final CompletableFuture<Void> future = new CompletableFuture<>();

        @Override
        public void response(InferenceResponse response, boolean last) {
            if (response != null && response.error() != null) {
                future.completeExceptionally(response.error());
            } else if (last) {
                future.complete(null);
            }
        }
    }

    /** The request of the README. */
    static final class Stage {
        static final float[][] NUMBERS = {
            {0.1f, 0, 0.5f, 0.2f, 0.1f, 0.1f, 0.1f, 0, 0.3f, 0.4f, 0.1f, 0.1f},
            {0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5},
            {1, 0, 1, 0, 1, 0, 3, 0, 1, 0, 1, 0}
        };
        static final byte[] ATTENTION = bytes(NUMBERS[0]);
        static final byte[] KEYS = bytes(NUMBERS[1]);
        static final byte[] VALUES = bytes(NUMBERS[2]);

        private Stage() {}

        private static byte[] bytes(float[] numbers) {
            ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
            for (float number : numbers) {
                bytes.putFloat(number);
            }
            return bytes.array();
        }
    }
}
