package dev.purekv.it;

import static dev.purekv.it.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The compression stage, whose tensors come from shared memory and go there, over HTTP. */
class SharedMemoryIT {
    private static final String PATH = "/v2/systemsharedmemory/region/tensors";
    private static final int KEYS_AT = 48;
    private static final int VALUES_AT = 96;
    private static final int KEPT_AT = 144;

    @TempDir
    Path repository;

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static Map<String, Object> shared(int offset, int bytes) {
        return Map.of(
                "shared_memory_region", "tensors", "shared_memory_offset", offset, "shared_memory_byte_size", bytes);
    }

    private static Map<String, Object> input(String name, List<Integer> shape, int offset) {
        return Map.of("name", name, "datatype", "FP32", "shape", shape, "parameters", shared(offset, 48));
    }

    /** The README's example: of six tokens 0, 3 and 5 are kept. */
    private static byte[] tensors() {
        ByteBuffer tensors = little(256);
        for (float attention : new float[] {0.1f, 0, 0.5f, 0.2f, 0.1f, 0.1f, 0.1f, 0, 0.3f, 0.4f, 0.1f, 0.1f}) {
            tensors.putFloat(attention);
        }
        for (int token = 0; token < 6; token++) {
            tensors.putFloat(token).putFloat(token);
        }
        for (int token = 0; token < 6; token++) {
            tensors.putFloat(token == 3 ? 3 : 1).putFloat(0);
        }
        return tensors.array();
    }

    private static HttpResponse<String> infer(RunningServer server) throws IOException, InterruptedException {
        return server.post(
                "/v2/models/kv_compression/infer",
                Map.of(
                        "parameters", Map.of("compression_ratio", 2, "sink_tokens", 1, "recent_tokens", 1),
                        "inputs",
                                List.of(
                                        input("OBSERVED_ATTENTION", List.of(2, 1, 6), 0),
                                        input("KEYS", List.of(1, 6, 2), KEYS_AT),
                                        input("VALUES", List.of(1, 6, 2), VALUES_AT)),
                        "outputs",
                                List.of(
                                        Map.of("name", "KEPT_INDICES", "parameters", shared(KEPT_AT, 24)),
                                        Map.of("name", "KEYS"))));
    }

    @Test
    void tensorsTravelInSharedMemory() throws Exception {
        Path config = repository.resolve("kv_compression/config.pbtxt");
        Files.createDirectories(config.resolveSibling("1"));
        Files.copy(Path.of("model-repository/kv_compression/config.pbtxt"), config);
        String key = "/purekv-it-" + UUID.randomUUID();
        Path object = Path.of("/dev/shm" + key);
        Files.write(object, tensors());
        try (RunningServer server = RunningServer.start(repository)) {
            assertThat(server.post(PATH + "/register", Map.of("key", key, "offset", 0, "byte_size", 256))
                            .statusCode())
                    .isEqualTo(200);
            assertThat(json(server.get("/v2/systemsharedmemory/status"))
                            .path(0)
                            .path("key")
                            .asString())
                    .isEqualTo(key);

            HttpResponse<String> response = infer(server);

            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            JsonNode outputs = json(response).path("outputs");
            assertThat(outputs.path(0).toString())
                    .isEqualTo("{\"name\":\"KEPT_INDICES\",\"datatype\":\"INT64\",\"shape\":[1,3]}");
            assertThat(outputs.path(1).path("data").toString()).isEqualTo("[0.0,0.0,3.0,3.0,5.0,5.0]");
            ByteBuffer kept =
                    ByteBuffer.wrap(Files.readAllBytes(object), KEPT_AT, 24).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(new long[] {kept.getLong(), kept.getLong(), kept.getLong()})
                    .containsExactly(0, 3, 5);

            assertThat(server.post(PATH + "/unregister", "").statusCode()).isEqualTo(200);
            assertThat(infer(server).statusCode()).isEqualTo(404);
        } finally {
            Files.delete(object);
        }
    }
}
