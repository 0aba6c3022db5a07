package dev.purekv.triton;

import static dev.purekv.triton.Requests.flag;
import static dev.purekv.triton.Requests.request;
import static dev.purekv.triton.Requests.run;
import static dev.purekv.triton.Requests.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.server.ServerException;
import dev.purekv.triton.Requests.Heard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How settings of the cache come through Triton, and what responses tell of them; the model only repeats its settings. */
class CacheSettingsTest {
    @TempDir
    Path repository;

    private EmbeddedServer server;

    @BeforeEach
    void startServer() throws IOException {
        addModel("plain", "");
        addModel("cutting", parameter("compression_ratio", "5") + parameter("clie_layer", "3"));
        addModel("closed", parameter("compression_ratio", "5") + parameter("allow_request_overrides", "false"));
        server = EmbeddedServer.start(
                EmbeddedServerOptions.of(repository), (checkpoint, settings) -> CountingModel.load());
    }

    private void addModel(String name, String parameters) throws IOException {
        Path version = Files.createDirectories(repository.resolve(name).resolve("1"));
        Files.writeString(version.resolve("config.json"), "{}");
        Files.writeString(repository.resolve(name).resolve("config.pbtxt"), "backend: \"purekv\"\n" + parameters);
    }

    private static String parameter(String key, String value) {
        return "parameters { key: \"" + key + "\" value { string_value: \"" + value + "\" } }\n";
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    private Map<String, Object> metrics(String model, Map<String, Object> parameters) throws InterruptedException {
        Heard heard =
                run(server, request(model, parameters, text("text_input", "hi"), flag("return_kv_metrics", true)));
        assertThat(heard.error()).isNull();
        return heard.responses().get(heard.responses().size() - 1).parameters();
    }

    @Test
    void whatBecameOfTheCacheIsToldWhenAskedFor() throws Exception {
        assertThat(metrics("cutting", Map.of("max_tokens", 3L)))
                .containsEntry("kv_policy", "purekv")
                .containsEntry("kv_compression_ratio", 5.0)
                .containsEntry("kv_cache_bytes", 200L)
                .containsEntry("kv_cache_bytes_full", 1000L)
                .containsEntry("prompt_tokens", 2L)
                .containsEntry("visual_tokens", 0L)
                .containsEntry("image_tokens", 0L)
                .containsEntry("video_tokens", 0L)
                .containsEntry("kv_note", "[3]")
                .containsKeys("vision_ms", "prefill_ms", "scoring_ms")
                .hasEntrySatisfying(
                        "decode_tokens_per_second",
                        speed -> assertThat((Double) speed).isBetween(1.0, 1000.0));
        assertThat(metrics("plain", Map.of("max_tokens", 1L))).containsEntry("decode_tokens_per_second", 0.0);
    }

    @Test
    void aParameterAsksAsWellAsATensorAndOnlyTheLastResponseTells() throws Exception {
        Heard heard = run(
                server,
                request(
                        "plain",
                        Map.of("max_tokens", 3L, "return_kv_metrics", true),
                        text("text_input", "hi"),
                        flag("stream", true)));
        assertThat(heard.responses()).hasSize(3);
        assertThat(heard.responses().get(1).parameters()).doesNotContainKey("kv_policy");
        assertThat(heard.responses().get(2).parameters()).containsEntry("kv_policy", "purekv");
        Heard silent = run(server, request("plain", Map.of("max_tokens", 1L), text("text_input", "hi")));
        assertThat(silent.responses().get(0).parameters()).doesNotContainKey("kv_policy");
    }

    @Test
    void aRequestWinsOverItsModelForItselfAlone() throws Exception {
        Map<String, Object> own =
                Map.of("max_tokens", 1L, "compression_ratio", "2", "kv_policy", "snapkv", "clie_layer", "1,6");
        assertThat(metrics("cutting", own))
                .containsEntry("kv_policy", "snapkv")
                .containsEntry("kv_compression_ratio", 2.0)
                .containsEntry("kv_note", "[1, 6]");
        assertThat(metrics("cutting", Map.of("max_tokens", 1L))).containsEntry("kv_compression_ratio", 5.0);
    }

    @Test
    void settingsMayStandInTheTensorOfSamplingParameters() throws Exception {
        Heard heard = run(
                server,
                request(
                        "plain",
                        Map.of(),
                        text("text_input", "hi"),
                        flag("return_kv_metrics", true),
                        text(
                                "sampling_parameters",
                                "{\"compression_ratio\": 4, \"clie_layer\": [1, 2], \"max_tokens\": 1}")));
        assertThat(heard.responses().get(0).parameters())
                .containsEntry("kv_compression_ratio", 4.0)
                .containsEntry("kv_note", "[1, 2]");
    }

    @Test
    void aBadSettingOfARequestIsNamed() throws Exception {
        refused("plain", Map.of("compression_ratio", 0.5), "'compression_ratio' must be at least 1");
        refused("plain", Map.of("clie_layer", 8L), "'clie_layer' must be below 8");
        refused("closed", Map.of("compression_ratio", 2.0), "'allow_request_overrides'");
        refused("plain", Map.of("compresion_ratio", 2.0), "compression_ratio");
        refused("plain", Map.of("return_kv_metrics", "yes"), "'return_kv_metrics' must be true or false");
        refused("plain", Map.of("return_kept_tokens", 1L), "'return_kept_tokens' must be true or false, got 1");
    }

    private void refused(String model, Map<String, Object> parameters, String message) throws InterruptedException {
        Heard heard = run(server, request(model, parameters, text("text_input", "hi")));
        assertThat(heard.error()).hasMessageContaining(message);
    }

    @Test
    void aModelWithABadSettingDoesNotLoad() throws IOException {
        for (String[] bad : new String[][] {
            {"compression_ratio", "0.5", "at least 1"},
            {"clie_layer", "8", "below 8"},
            {"sparse_attention_layer", "0", "above every clie_layer"}
        }) {
            addModel("bad", parameter(bad[0], bad[1]));
            assertThatThrownBy(() -> server.load("bad", Map.of()))
                    .isInstanceOf(ServerException.class)
                    .hasMessageContainingAll("config.pbtxt: parameter '" + bad[0] + "'", bad[2]);
        }
    }
}
