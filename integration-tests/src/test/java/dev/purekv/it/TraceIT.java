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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Real traces of a single model and of an ensemble's steps, in the file that the operator has named. */
class TraceIT {
    private static final List<String> STAGES = List.of(
            "REQUEST_START",
            "QUEUE_START",
            "COMPUTE_START",
            "COMPUTE_INPUT_END",
            "COMPUTE_OUTPUT_START",
            "COMPUTE_END",
            "REQUEST_END");

    @TempDir
    Path folder;

    private Path repository() throws IOException {
        Path repository = folder.resolve("models");
        model(repository, "kv_compression", Files.readString(Path.of("model-repository/kv_compression/config.pbtxt")));
        model(repository, "narrow", """
                backend: "purekv"
                parameters { key: "stage" value { string_value: "kv_compression" } }
                parameters { key: "kv_policy" value { string_value: "value_norm" } }
                """);
        model(
                repository,
                "both",
                Files.readString(Path.of("integration-tests/src/test/resources/stage/ensemble.pbtxt")));
        return repository;
    }

    private static void model(Path repository, String name, String config) throws IOException {
        Files.createDirectories(repository.resolve(name).resolve("1"));
        Files.writeString(repository.resolve(name).resolve("config.pbtxt"), config);
    }

    private static void infer(RunningServer server, String model) throws IOException, InterruptedException {
        HttpResponse<String> response = server.post(
                "/v2/models/" + model + "/infer",
                Map.of(
                        "id",
                        "of " + model,
                        "inputs",
                        List.of(
                                tensor("OBSERVED_ATTENTION", List.of(2, 1, 6), 12),
                                tensor("KEYS", List.of(1, 6, 2), 12),
                                tensor("VALUES", List.of(1, 6, 2), 12))));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }

    private static Map<String, Object> tensor(String name, List<Integer> shape, int elements) {
        List<Double> data = new ArrayList<>();
        for (int i = 0; i < elements; i++) {
            data.add(i / 12.0);
        }
        return Map.of("name", name, "datatype", "FP32", "shape", shape, "data", data);
    }

    /** Once so many requests are in the file: they are written a moment after they are answered. */
    private static JsonNode traces(Path file, int requests) throws IOException, InterruptedException {
        for (int tries = 0; tries < 100; tries++) {
            JsonNode list = RunningServer.JSON.readTree(Files.exists(file) ? Files.readString(file) : "[]");
            if (heads(list).size() >= requests) {
                return list;
            }
            Thread.sleep(100);
        }
        throw new AssertionError(
                "no " + requests + " requests in " + (Files.exists(file) ? Files.readString(file) : file));
    }

    private static List<JsonNode> heads(JsonNode list) {
        List<JsonNode> heads = new ArrayList<>();
        list.forEach(each -> {
            if (each.has("model_name")) {
                heads.add(each);
            }
        });
        return heads;
    }

    private static List<String> stages(JsonNode list, JsonNode head) {
        List<String> stages = new ArrayList<>();
        long before = 0;
        for (JsonNode each : list) {
            if (each.path("id").equals(head.path("id")) && each.has("timestamps")) {
                JsonNode stamp = each.path("timestamps").path(0);
                stages.add(stamp.path("name").asString());
                assertThat(stamp.path("ns").asLong()).isPositive();
                before = Math.max(before, stamp.path("ns").asLong());
            }
        }
        assertThat(before).isLessThanOrEqualTo(System.nanoTime());
        return stages;
    }

    @Test
    void requestsAreTracedWithTheirStagesAndSteps() throws Exception {
        Path file = folder.resolve("traces.json");
        try (RunningServer server =
                RunningServer.start(repository(), Map.of(), List.of("--purekv.trace-file=" + file))) {
            infer(server, "kv_compression");
            assertThat(json(server.post("/v2/trace/setting", "{\"trace_level\":[\"TIMESTAMPS\"],\"trace_rate\":\"1\"}"))
                            .path("trace_file")
                            .asString())
                    .isEqualTo(file.toString());

            infer(server, "kv_compression");

            JsonNode single = traces(file, 1);
            JsonNode head = heads(single).get(0);
            assertThat(head.path("model_name").asString()).isEqualTo("kv_compression");
            assertThat(head.path("request_id").asString()).isEqualTo("of kv_compression");
            assertThat(stages(single, head)).containsExactlyInAnyOrderElementsOf(STAGES);

            infer(server, "both");

            JsonNode more = traces(file, 4);
            JsonNode ensemble = heads(more).get(1);
            assertThat(ensemble.path("model_name").asString()).isEqualTo("both");
            assertThat(heads(more).subList(2, 4)).allSatisfy(step -> {
                assertThat(step.path("parent_id")).isEqualTo(ensemble.path("id"));
                assertThat(stages(more, step)).containsExactlyInAnyOrderElementsOf(STAGES);
            });

            server.post("/v2/models/kv_compression/trace/setting", "{\"trace_level\":[\"OFF\"]}");
            infer(server, "kv_compression");
            infer(server, "narrow");
            assertThat(heads(traces(file, 5)).get(4).path("model_name").asString())
                    .isEqualTo("narrow");
        }
    }
}
