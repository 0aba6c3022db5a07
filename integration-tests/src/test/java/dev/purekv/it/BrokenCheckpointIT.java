package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint that is broken fails its load with a reason, and the model beside it goes on. */
class BrokenCheckpointIT {
    private static final Path SOURCE = Path.of("model-repository/moving-digits/1");

    @TempDir
    static Path repository;

    private static RunningServer server;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        copy("good");
        server = RunningServer.start(repository);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Path copy(String name) throws IOException {
        Path folder = Files.createDirectories(repository.resolve(name).resolve("1"));
        Files.writeString(repository.resolve(name).resolve("config.pbtxt"), "backend: \"purekv\"\n");
        try (Stream<Path> files = Files.list(SOURCE)) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        return folder;
    }

    private static void edit(Path folder, String from, String to) throws IOException {
        String config = Files.readString(folder.resolve("config.json"));
        assertThat(config).contains(from);
        Files.writeString(folder.resolve("config.json"), config.replace(from, to));
    }

    private static void refused(String model, String... says) throws IOException, InterruptedException {
        HttpResponse<String> response = server.post("/v2/repository/models/" + model + "/load", "");
        assertThat(response.statusCode()).as(response.body()).isBetween(400, 499);
        assertThat(RunningServer.json(response).path("error").asString()).contains(says);
    }

    @Test
    void anArchitectureThatIsNotServedIsNamed() throws Exception {
        edit(copy("llama"), "Qwen2_5_VLForConditionalGeneration", "LlamaForCausalLM");
        refused("llama", "LlamaForCausalLM", "Qwen2_5_VLForConditionalGeneration");
    }

    @Test
    void aConfigurationWithoutAVisionTowerIsRefused() throws Exception {
        edit(copy("blind"), "\"vision_config\"", "\"vision_confg\"");
        refused("blind", "vision_config");
    }

    @Test
    void aTruncatedFileIsRefused() throws Exception {
        Path weights = copy("short").resolve("model.safetensors");
        try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
            file.setLength(file.length() - 1000);
        }
        refused("short", "model.safetensors");
    }

    @Test
    void overlappingTensorsAreRefused() throws Exception {
        Path weights = copy("overlap").resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        String header = new String(bytes, 8, 4000, StandardCharsets.US_ASCII);
        // Same length, so that the rest of the file stays where it is: the second norm now lies on the first.
        int at = header.indexOf("\"data_offsets\":[98304,98560]");
        assertThat(at).as("the place of layer 0's norm in the header").isPositive();
        byte[] moved = "\"data_offsets\":[98048,98304]".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(moved, 0, bytes, 8 + at, moved.length);
        Files.write(weights, bytes);
        refused("overlap", "model.safetensors");
    }

    @Test
    void aMissingTensorIsNamed() throws Exception {
        Path weights = copy("missing").resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        String header = new String(bytes, 8, 4000, StandardCharsets.US_ASCII);
        int at = header.indexOf("model.layers.0.input_layernorm.weight");
        bytes[8 + at + 6] = 'L'; // model.Layers...
        Files.write(weights, bytes);
        refused("missing", "layers.0.input_layernorm.weight");
    }

    @AfterEach
    void theGoodModelStillAnswers() throws Exception {
        HttpResponse<String> response = server.post(
                "/v2/models/good/generate", "{\"text_input\": \"hi\", \"parameters\": {\"max_tokens\": 3}}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }
}
