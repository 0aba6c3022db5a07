package dev.purekv.triton;

import static dev.purekv.triton.Requests.request;
import static dev.purekv.triton.Requests.run;
import static dev.purekv.triton.StageRepository.STAGE;
import static dev.purekv.triton.StageRepository.answer;
import static dev.purekv.triton.StageRepository.floats;
import static dev.purekv.triton.StageRepository.longs;
import static dev.purekv.triton.StageRepository.output;
import static dev.purekv.triton.StageRepository.parameter;
import static dev.purekv.triton.StageRepository.rows;
import static dev.purekv.triton.StageRepository.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.compression.CompressionStage;
import dev.purekv.server.InferenceRequest;
import dev.purekv.server.InferenceResponse;
import dev.purekv.server.RequestedOutput;
import dev.purekv.server.ServerException;
import dev.purekv.server.TensorData;
import dev.purekv.settings.KvSettings;
import dev.purekv.tensor.HostTensors;
import dev.purekv.triton.Requests.Heard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The stage in a real Triton. */
class StageModelTest {
    private static final TensorData ATTENTION = floats("OBSERVED_ATTENTION", 1, 6, 16, 200);
    private static final TensorData KEYS = floats("KEYS", 2, 2, 200, 8);
    private static final TensorData VALUES = floats("VALUES", 3, 2, 200, 8);

    @TempDir
    Path repository;

    private EmbeddedServer server;

    @BeforeEach
    void startServer() throws IOException {
        add("cut", STAGE + parameter("compression_ratio", "4"));
        add("sums", STAGE + tensor("input", "OBSERVED_ATTENTION", "FP32", "-1, -1"));
        add("half", STAGE + parameter("compression_ratio", "4") + tensor("input", "KEYS", "FP16", "-1, -1, -1"));
        add("brain", STAGE + parameter("compression_ratio", "4") + tensor("output", "KEYS", "BF16", "-1, -1, -1"));
        add("closed", STAGE + parameter("allow_request_overrides", "false"));
        server = EmbeddedServer.start(EmbeddedServerOptions.of(repository));
    }

    private void add(String name, String config) throws IOException {
        StageRepository.add(repository, name, config);
    }

    @AfterEach
    void stopServer() {
        server.close();
        assertThat(server.outstanding())
                .as("inferences that Triton still holds")
                .isZero();
    }

    @Test
    void keepsWhatTheComputationKeeps() throws Exception {
        InferenceResponse found = answer(server, "cut", Map.of(), ATTENTION, KEYS, VALUES);
        TensorData indices = output(found, "KEPT_INDICES");
        assertThat(indices.datatype()).isEqualTo("INT64");
        assertThat(indices.shape()).containsExactly(2, 50);
        assertThat(output(found, "KEYS").shape()).containsExactly(2, 50, 8);
        assertThat(output(found, "KEYS").data()).isEqualTo(rows(KEYS, longs(indices)));
        assertThat(output(found, "VALUES").data()).isEqualTo(rows(VALUES, longs(indices)));
        KvSettings kv = KvSettings.read(Map.of("compression_ratio", 4), KvSettings.DEFAULT);
        try (PointerScope scope = new PointerScope()) {
            CompressionStage.Output expected = new CompressionStage(kv, 0, 1)
                    .run(new CompressionStage.Input(native32(ATTENTION), native32(KEYS), native32(VALUES)));
            assertThat(indices.data()).isEqualTo(HostTensors.bytes(expected.positions()));
        }
        assertThat(found.parameters())
                .containsEntry("kv_policy", "purekv")
                .containsEntry("kv_compression_ratio", 4.0)
                .doesNotContainKey("kv_note");
    }

    private static Tensor native32(TensorData tensor) {
        return HostTensors.of(tensor.data(), ScalarType.Float, tensor.shape());
    }

    @Test
    void aMinimalConfigurationIsCompleted() {
        assertThat(server.decoupled("cut", "")).isFalse();
        assertThat(server.modelMetadata("cut", ""))
                .contains(
                        "{\"name\":\"OBSERVED_ATTENTION\",\"datatype\":\"FP32\",\"shape\":[-1,-1,-1]}",
                        "{\"name\":\"KEPT_INDICES\",\"datatype\":\"INT64\",\"shape\":[-1,-1]}");
        assertThat(server.modelMetadata("half", "")).contains("FP16").doesNotContain("FP32");
        assertThat(server.modelMetadata("brain", "")).contains("BF16").doesNotContain("FP32");
        assertThat(server.modelMetadata("sums", ""))
                .contains("{\"name\":\"OBSERVED_ATTENTION\",\"datatype\":\"FP32\",\"shape\":[-1,-1]}");
    }

    @Test
    void sumsMayComeInsteadOfAttention() throws Exception {
        Map<String, Object> ratio = Map.of("compression_ratio", 4L);
        TensorData sums = floats("OBSERVED_ATTENTION", 1, 2, 200);
        InferenceResponse found = answer(server, "sums", ratio, sums, KEYS, VALUES);
        // One query and as many query heads as there are groups: its sums are it.
        TensorData one = new TensorData("OBSERVED_ATTENTION", "FP32", new long[] {2, 1, 200}, sums.data());
        InferenceResponse same = answer(server, "cut", ratio, one, KEYS, VALUES);
        assertThat(output(found, "KEPT_INDICES").data())
                .isEqualTo(output(same, "KEPT_INDICES").data());
    }

    @Test
    void halfPrecisionGoesThroughBitForBit() throws Exception {
        byte[] halves = new byte[2 * 200 * 8 * 2];
        for (int i = 0; i < halves.length; i += 2) {
            halves[i] = (byte) (i * 31);
            halves[i + 1] = (byte) (0x30 + i % 16); // numbers between 0.1 and 2 in FP16
        }
        byte[] odd = halves.clone();
        odd[0] = 1;
        odd[1] = 0x7c; // a signalling NaN among the keys, which nothing ranks
        for (String model : List.of("half", "brain")) {
            String type = model.equals("half") ? "FP16" : "BF16";
            TensorData keys = new TensorData("KEYS", type, new long[] {2, 200, 8}, odd);
            TensorData values = new TensorData("VALUES", type, new long[] {2, 200, 8}, halves);
            InferenceResponse found = answer(server, model, Map.of("kv_policy", "value_norm"), keys, values);
            long[] indices = longs(output(found, "KEPT_INDICES"));
            assertThat(output(found, "KEYS").datatype()).isEqualTo(type);
            assertThat(output(found, "KEYS").data())
                    .isEqualTo(rows(keys, indices))
                    .startsWith(1, 0x7c);
            assertThat(output(found, "VALUES").data()).isEqualTo(rows(values, indices));
        }
    }

    @Test
    void aRequestSetsItsOwnAndIsToldWhatBecameOfIt() throws Exception {
        Map<String, Object> own = Map.of("kv_policy", "streaming_llm", "compression_ratio", "100", "recent_tokens", 5L);
        InferenceResponse found = answer(server, "cut", own, KEYS, VALUES);
        assertThat(longs(output(found, "KEPT_INDICES")))
                .containsExactly(0, 1, 2, 3, 195, 196, 197, 198, 199, 0, 1, 2, 3, 195, 196, 197, 198, 199);
        assertThat(found.parameters())
                .containsEntry("kv_policy", "streaming_llm")
                .hasEntrySatisfying("kv_note", note -> assertThat((String) note).contains("9 protected ones"));
    }

    @Test
    void aPyramidNeedsTheLayersPlace() throws Exception {
        Map<String, Object> pyramid = new HashMap<>(Map.of("layer_budgets", "pyramid"));
        refused("cut", pyramid, "'layer'", "'layers'");
        pyramid.putAll(Map.of("layers", 4L, "layer", 0L));
        long lowest = output(answer(server, "cut", pyramid, ATTENTION, KEYS, VALUES), "KEYS")
                .shape()[1];
        pyramid.put("layer", "3");
        long highest = output(answer(server, "cut", pyramid, ATTENTION, KEYS, VALUES), "KEYS")
                .shape()[1];
        assertThat(lowest).isGreaterThan(50);
        assertThat(highest).isLessThan(50);
        refused("cut", Map.of("layer", 4L, "layers", 4L), "'layer' must be a whole number from 0 to 3");
        refused("cut", Map.of("layers", 4L), "'layers' is given without 'layer'");
        refused("cut", Map.of("layers", 1L << 40, "layer", 0L), "'layers' must be a whole number from 1 to 65536");
        refused("cut", Map.of("layer", "first"), "'layer' must be a whole number");
    }

    @Test
    void onlyTheOutputsAskedForAreSentAndClassesNeedNoLabels() throws Exception {
        InferenceRequest request = new InferenceRequest(
                "cut",
                "",
                "7",
                List.of(ATTENTION, KEYS, VALUES),
                List.of(new RequestedOutput("KEPT_INDICES", 2)),
                Map.of());
        Heard heard = run(server, request);
        assertThat(heard.error()).isNull();
        InferenceResponse found = heard.responses().get(0);
        assertThat(found.id()).isEqualTo("7");
        assertThat(found.outputs()).hasSize(1);
        TensorData classes = found.outputs().get(0);
        assertThat(classes.datatype()).isEqualTo("BYTES");
        assertThat(classes.shape()).containsExactly(2);
        assertThat(new String(classes.data(), StandardCharsets.UTF_8))
                .contains("199:49")
                .contains("199:99");
    }

    @Test
    void labelsOfTheModelNameTheClasses() throws Exception {
        add(
                "labelled",
                STAGE + "output { name: \"KEPT_INDICES\" data_type: TYPE_INT64 dims: [ -1, -1 ] "
                        + "label_filename: \"names.txt\" }");
        Files.writeString(repository.resolve("labelled/names.txt"), "zero\none\ntwo\n");
        server.load("labelled", Map.of());
        TensorData keys = floats("KEYS", 1, 1, 3, 2);
        InferenceRequest request = new InferenceRequest(
                "labelled",
                "",
                "",
                List.of(keys, new TensorData("VALUES", "FP32", keys.shape(), keys.data())),
                List.of(new RequestedOutput("KEPT_INDICES", 9)),
                Map.of());
        TensorData classes = run(server, request).responses().get(0).outputs().get(0);
        assertThat(new String(classes.data(), StandardCharsets.UTF_8)).contains("2:2:two", "1:1:one", "0:0:zero");
    }

    private void refused(String model, Map<String, Object> parameters, String... message) throws InterruptedException {
        refused(model, parameters, new TensorData[] {ATTENTION, KEYS, VALUES}, message);
    }

    private void refused(String model, Map<String, Object> parameters, TensorData[] inputs, String... message)
            throws InterruptedException {
        ServerException error = failure(model, parameters, inputs);
        assertThat(error).hasMessageContainingAll(message);
        assertThat(error.status()).isEqualTo(ServerException.Status.INVALID_ARG);
    }

    /** By Triton before the request starts, or by the stage. */
    private ServerException failure(String model, Map<String, Object> parameters, TensorData... inputs)
            throws InterruptedException {
        try {
            return run(server, request(model, parameters, inputs)).error();
        } catch (ServerException refused) {
            return refused;
        }
    }

    @Test
    void badSettingsOfARequestAreNamed() throws Exception {
        refused("cut", Map.of("compression_ratio", 0.5), "'compression_ratio' must be at least 1");
        refused("cut", Map.of("clie_layer", 1L), "'clie_layer' concerns the layers of a model");
        refused("cut", Map.of("ratio", 1L), "unknown parameter 'ratio'", "compression_ratio", "layers");
        refused("cut", Map.of("kv_policy", "h2o"), "all queries", "got 16");
        ServerException closed = failure("closed", Map.of("sink_tokens", 1L), ATTENTION, KEYS, VALUES);
        assertThat(closed.status()).isEqualTo(ServerException.Status.UNSUPPORTED);
        assertThat(closed).hasMessageContaining("allow_request_overrides");
    }

    @Test
    void tensorsThatDoNotGoTogetherAreNamed() throws Exception {
        String name = "OBSERVED_ATTENTION";
        refused("cut", Map.of(), inputs(floats(name, 1, 5, 16, 200), KEYS, VALUES), "H is a multiple of G");
        refused("cut", Map.of(), inputs(floats(name, 1, 6, 16, 199), KEYS, VALUES), "N = 200", "[6, 16, 199]");
        refused("cut", Map.of(), inputs(floats(name, 1, 6, 201, 200), KEYS, VALUES), "w is between 1 and N");
        refused("cut", Map.of(), inputs(floats(name, 1, 6, 0, 200), KEYS, VALUES), "OBSERVED_ATTENTION");
        refused("cut", Map.of(), inputs(floats(name, 1, 2, 200), KEYS, VALUES), "OBSERVED_ATTENTION");
        refused("sums", Map.of(), inputs(floats(name, 1, 6, 200), KEYS, VALUES), "OBSERVED_ATTENTION must be");
        refused("cut", Map.of(), inputs(KEYS, VALUES), "purekv needs the input OBSERVED_ATTENTION");
        refused("cut", Map.of(), inputs(ATTENTION, KEYS), "VALUES");
        refused("cut", Map.of(), inputs(ATTENTION, KEYS, floats("VALUES", 1, 2, 200, 9)), "shape of KEYS [2, 200, 8]");
        refused("cut", Map.of(), inputs(ATTENTION, floats("KEYS", 1, 2, 0, 8), floats("VALUES", 1, 2, 0, 8)), "KEYS");
        refused(
                "cut",
                Map.of(),
                inputs(ATTENTION, new TensorData("KEYS", "FP16", KEYS.shape(), new byte[6400]), VALUES),
                "KEYS",
                "FP16");
    }

    private static TensorData[] inputs(TensorData... inputs) {
        return inputs;
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 20, 1L << 40, 1L << 61, Long.MAX_VALUE, -1})
    void aShapeThatItsBytesDoNotFillIsRefused(long tokens) throws Exception {
        long[] shape = {2, tokens, 8};
        TensorData keys = new TensorData("KEYS", "FP32", shape, KEYS.data());
        TensorData values = new TensorData("VALUES", "FP32", shape, VALUES.data());
        ServerException error = failure("cut", Map.of(), ATTENTION, keys, values);
        assertThat(error).isNotNull();
        assertThat(error.status()).isEqualTo(ServerException.Status.INVALID_ARG);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
    void numbersThatRankNothingAreRefused(float number) throws Exception {
        byte[] data = ATTENTION.data().clone();
        ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).putFloat(400, number);
        TensorData attention = new TensorData("OBSERVED_ATTENTION", "FP32", ATTENTION.shape(), data);
        refused("cut", Map.of(), inputs(attention, KEYS, VALUES), "must be finite");
    }

    @Test
    void successAndFailureAreCounted() throws Exception {
        answer(server, "cut", Map.of(), ATTENTION, KEYS, VALUES);
        failure("cut", Map.of("compression_ratio", 0L), ATTENTION, KEYS, VALUES);
        assertThat(server.statistics("cut", "1"))
                .contains("\"success\":{\"count\":1,", "\"fail\":{\"count\":1,", "\"execution_count\":1");
    }

    @Test
    void nothingNativeOutlivesARequest() throws Exception {
        answer(server, "cut", Map.of(), ATTENTION, KEYS, VALUES);
        failure("cut", Map.of("kv_policy", "h2o"), ATTENTION, KEYS, VALUES);
        long before = Pointer.totalCount();
        for (int i = 0; i < 20; i++) {
            answer(server, "cut", Map.of(), ATTENTION, KEYS, VALUES);
            failure("cut", Map.of("kv_policy", "h2o"), ATTENTION, KEYS, VALUES);
        }
        long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (Pointer.totalCount() > before && System.nanoTime() < deadline) {
            Thread.sleep(10); // the last response is heard before its memory is given back
        }
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    }

    @Test
    void aStageThatCannotServeDoesNotLoad() throws IOException {
        String[][] bad = {
            {parameter("clie_layer", "1"), "'clie_layer' concerns the layers of a model"},
            {parameter("checkpoint", "/x"), "unknown parameter 'checkpoint'"},
            {parameter("compression_ratio", "0.5"), "config.pbtxt: parameter 'compression_ratio'"},
            {tensor("input", "KEYS", "INT8", "-1, -1, -1"), "all TYPE_FP32, all TYPE_FP16 or all TYPE_BF16"},
            {
                tensor("input", "KEYS", "FP16", "-1, -1, -1") + tensor("output", "KEYS", "FP32", "-1, -1, -1"),
                "output 'KEYS' must have data_type TYPE_FP16"
            },
            {tensor("input", "KEYS", "FP32", "-1, -1"), "input 'KEYS' must have dims"},
            {tensor("input", "QUERIES", "FP32", "-1"), "unknown input 'QUERIES'"},
            {"model_transaction_policy { decoupled: true }", "one response a request"},
            {"max_batch_size: 4", "max_batch_size must be 0"},
        };
        for (String[] each : bad) {
            add("bad", STAGE + each[0]);
            assertThatThrownBy(() -> server.load("bad", Map.of()))
                    .isInstanceOf(ServerException.class)
                    .hasMessageContaining(each[1]);
        }
        add("bad", "backend: \"purekv\"\n" + parameter("stage", "decode"));
        assertThatThrownBy(() -> server.load("bad", Map.of()))
                .hasMessageContaining("'stage' must be kv_compression, the only stage there is, got 'decode'");
    }
}
