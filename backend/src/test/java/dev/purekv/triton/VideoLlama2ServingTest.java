package dev.purekv.triton;

import static dev.purekv.triton.Requests.bytes;
import static dev.purekv.triton.Requests.element;
import static dev.purekv.triton.Requests.flag;
import static dev.purekv.triton.Requests.request;
import static dev.purekv.triton.Requests.run;
import static dev.purekv.triton.Requests.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.model.videollama2.input.OriginalCases;
import dev.purekv.server.ServerException;
import dev.purekv.server.TensorData;
import dev.purekv.triton.Requests.Heard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tiny checkpoints of both generations under the delivered template, in a real Triton. */
class VideoLlama2ServingTest {
    private static final Path TEMPLATE = Path.of("..", "model-repository", "videollama2", "config.pbtxt");
    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden", "videollama2");
    private static final Path CLIP =
            Path.of("..", "model-repository", "moving-digits", "samples", "digits-16x112-1.mp4");

    @TempDir
    private static Path repository;

    private static EmbeddedServer server;

    @BeforeAll
    static void start() throws IOException {
        for (String name : List.of("mistral", "qwen2")) {
            model(name, name);
        }
        server = EmbeddedServer.start(EmbeddedServerOptions.of(repository));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Path model(String name, String of) throws IOException {
        Path folder = Files.createDirectories(repository.resolve(name));
        Files.copy(TEMPLATE, folder.resolve("config.pbtxt"));
        Path from = GOLDEN.resolve(of);
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = folder.resolve("1").resolve(from.relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
        return folder;
    }

    private static Heard ask(String model, Map<String, Object> parameters, TensorData... inputs)
            throws InterruptedException {
        Map<String, Object> all = new HashMap<>(parameters);
        all.put("max_tokens", 4L);
        all.put("ignore_eos", true);
        all.put("return_kv_metrics", true);
        List<TensorData> given = new ArrayList<>(List.of(inputs));
        given.add(text("text_input", "What moves in the video, and where does it go?"));
        given.add(flag("exclude_input_in_output", true));
        return run(server, request(model, all, given.toArray(TensorData[]::new)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mistral", "qwen2"})
    void answersAboutClipsPicturesAndNothing(String model) throws Exception {
        TensorData clip = bytes("video", Files.readAllBytes(CLIP));
        Heard whole = ask(model, Map.of(), clip);
        assertThat(whole.error()).isNull();
        Map<String, Object> told = whole.responses().get(0).parameters();
        assertThat(told.get("visual_tokens")).isEqualTo(model.equals("mistral") ? 45L : 32L);
        assertThat(ask(model, Map.of(), clip).text()).isEqualTo(whole.text());
        assertThat(ask(model, Map.of()).responses().get(0).parameters().get("visual_tokens"))
                .isEqualTo(0L);
        assertThat(ask(model, Map.of(), bytes("image", OriginalCases.png(0, 90, 31)))
                        .responses()
                        .get(0)
                        .parameters()
                        .get("visual_tokens"))
                .isEqualTo(model.equals("mistral") ? 45L : 32L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mistral", "qwen2"})
    void keepsAFifthAndSaysWhereItStands(String model) throws Exception {
        Heard heard = ask(
                model,
                Map.of("compression_ratio", 5.0, "recent_tokens", 4L, "return_kept_tokens", true),
                bytes("video", Files.readAllBytes(CLIP)));
        Map<String, Object> told = heard.responses().get(0).parameters();
        assertThat((double) told.get("kv_compression_ratio")).isBetween(4.7, 5.0);
        JsonNode clip = JsonMapper.shared()
                .readTree(element(heard.responses().get(0), "kept_tokens"))
                .path("visual_inputs")
                .get(0);
        boolean mistral = model.equals("mistral");
        assertThat(clip.path("grid").toString())
                .isEqualTo(mistral ? "{\"t\":5,\"h\":3,\"w\":3}" : "{\"t\":8,\"h\":2,\"w\":2}");
        assertThat(clip.path("frames").asInt()).isEqualTo(mistral ? 8 : 16);
        assertThat(clip.path("first_frame").asInt()).isEqualTo(mistral ? -1 : 0);
        assertThat(clip.path("frames_per_slice").asInt()).isEqualTo(2);
    }

    @Test
    void padsWhenItsConfigurationSaysSo() throws Exception {
        TensorData wide = bytes("image", OriginalCases.png(0, 90, 31));
        Path config = model("padded", "mistral").resolve("config.pbtxt");
        server.load("padded", Map.of());
        String before = ask("padded", Map.of(), wide).text();
        String text = Files.readString(config);
        Files.writeString(
                config,
                text.replace(
                        "\"videollama2.padding\" value { string_value: \"false\"",
                        "\"videollama2.padding\" value { string_value: \"true\""));
        assertThat(Files.readString(config)).isNotEqualTo(text);
        server.load("padded", Map.of());
        assertThat(ask("padded", Map.of(), wide).text()).isNotEqualTo(before);
        Files.writeString(config, text.replace("videollama2.padding", "videollama2.pading"));
        assertThatThrownBy(() -> server.load("padded", Map.of()))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("unknown parameter 'videollama2.pading'")
                .hasMessageContaining("videollama2.code, videollama2.padding");
        assertThat(ask("padded", Map.of(), wide).error()).isNull();
    }

    @Test
    void aTemplateWithoutCheckpointIsNotServedAndSaysWhatToDo() throws Exception {
        Path folder = Files.createDirectories(repository.resolve("empty"));
        Files.copy(TEMPLATE, folder.resolve("config.pbtxt"));
        Files.createDirectories(folder.resolve("1"));
        assertThatThrownBy(() -> server.load("empty", Map.of()))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("no checkpoint")
                .hasMessageContaining("copy it there, or name its folder");
        assertThat(server.modelReady("mistral", "")).isTrue();
    }
}
