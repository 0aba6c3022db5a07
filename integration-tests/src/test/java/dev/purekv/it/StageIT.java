package dev.purekv.it;

import static dev.purekv.it.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The compression stage as it is delivered, alone and twice in an ensemble, behind the HTTP door. */
class StageIT {
    private static final Path DELIVERED = Path.of("model-repository/kv_compression");
    private static final int TOKENS = 60;
    private static final int WIDTH = 4;

    @TempDir
    static Path repository;

    private static RunningServer server;
    private static List<Double> keys;
    private static List<Double> values;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        copy(DELIVERED, repository.resolve("kv_compression"));
        write("narrow", """
                backend: "purekv"
                parameters { key: "stage" value { string_value: "kv_compression" } }
                parameters { key: "kv_policy" value { string_value: "value_norm" } }
                parameters { key: "compression_ratio" value { string_value: "2" } }
                parameters { key: "sink_tokens" value { string_value: "1" } }
                parameters { key: "recent_tokens" value { string_value: "2" } }
                """);
        write("both", Files.readString(Path.of("integration-tests/src/test/resources/stage/ensemble.pbtxt")));
        Random random = new Random(3);
        keys = random.doubles(2 * TOKENS * WIDTH).map(x -> (float) x).boxed().toList();
        values = random.doubles(2 * TOKENS * WIDTH).map(x -> (float) x).boxed().toList();
        server = RunningServer.start(repository);
    }

    private static void write(String model, String config) throws IOException {
        Files.createDirectories(repository.resolve(model).resolve("1"));
        Files.writeString(repository.resolve(model).resolve("config.pbtxt"), config);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Map<String, Object> tensor(String name, List<Integer> shape, List<? extends Number> data) {
        return Map.of("name", name, "shape", shape, "datatype", "FP32", "data", data);
    }

    private static List<Map<String, Object>> inputs() {
        List<Integer> attention =
                IntStream.range(0, 4 * TOKENS).map(i -> i % 7).boxed().toList();
        return List.of(
                tensor("OBSERVED_ATTENTION", List.of(4, 1, TOKENS), attention),
                tensor("KEYS", List.of(2, TOKENS, WIDTH), keys),
                tensor("VALUES", List.of(2, TOKENS, WIDTH), values));
    }

    private static JsonNode infer(String model, Map<String, Object> parameters) throws Exception {
        HttpResponse<String> response =
                server.post("/v2/models/" + model + "/infer", Map.of("inputs", inputs(), "parameters", parameters));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json(response);
    }

    private static List<Double> data(JsonNode answer, String output) {
        List<Double> numbers = new ArrayList<>();
        for (JsonNode each : answer.path("outputs")) {
            if (each.path("name").asString().equals(output)) {
                each.path("data").forEach(number -> numbers.add(number.asDouble()));
            }
        }
        return numbers;
    }

    /** The rows of a (2, N, D) tensor that (2, K) indices name. */
    private static List<Double> rows(List<Double> from, List<Double> indices) {
        List<Double> rows = new ArrayList<>();
        int kept = indices.size() / 2;
        for (int i = 0; i < indices.size(); i++) {
            int row = i / kept * TOKENS + indices.get(i).intValue();
            rows.addAll(from.subList(row * WIDTH, (row + 1) * WIDTH));
        }
        return rows;
    }

    @Test
    void theDeliveredStageKeepsAFifthAndCopiesIt() throws Exception {
        JsonNode answer = infer("kv_compression", Map.of("recent_tokens", 2, "sink_tokens", 1));
        List<Double> indices = data(answer, "KEPT_INDICES");
        assertThat(indices).hasSize(2 * 12);
        assertThat(indices.subList(0, 12)).isSorted().startsWith(0.0).endsWith(58.0, 59.0);
        assertThat(data(answer, "KEYS")).isEqualTo(rows(keys, indices));
        assertThat(data(answer, "VALUES")).isEqualTo(rows(values, indices));
        assertThat(answer.path("parameters").path("kv_policy").asString()).isEqualTo("purekv");
        assertThat(answer.path("parameters").path("kv_compression_ratio").asDouble())
                .isEqualTo(5.0);
    }

    @Test
    void anEnsembleOfTwoStagesPassesTensorsOnInsideTriton() throws Exception {
        JsonNode answer = infer("both", Map.of());
        // The delivered settings protect 36 tokens of 60; the second stage keeps half of those.
        List<Double> first = data(answer, "FIRST_INDICES");
        List<Double> second = data(answer, "SECOND_INDICES");
        assertThat(first).hasSize(2 * 36);
        assertThat(second).hasSize(2 * 18);
        List<Double> together = IntStream.range(0, second.size())
                .mapToObj(i -> first.get(i / 18 * 36 + second.get(i).intValue()))
                .toList();
        assertThat(data(answer, "KEPT_KEYS")).isEqualTo(rows(keys, together));
        assertThat(data(answer, "KEPT_VALUES")).isEqualTo(rows(values, together));
    }

    @Test
    void aRefusalIsTypedAndNothingElseChanges() throws Exception {
        HttpResponse<String> refused = server.post(
                "/v2/models/kv_compression/infer",
                Map.of("inputs", inputs(), "parameters", Map.of("compression_ratio", 0.5)));
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(json(refused).path("error").asString()).contains("'compression_ratio' must be at least 1");
        assertThat(data(infer("kv_compression", Map.of()), "KEPT_INDICES")).hasSize(2 * 36);
    }
}
