package dev.purekv.triton;

import static dev.purekv.triton.Requests.request;
import static dev.purekv.triton.Requests.run;
import static dev.purekv.triton.Requests.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.ServingException;
import dev.purekv.model.LoadedModel;
import dev.purekv.server.ServerException;
import dev.purekv.settings.ModelSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reloads that fail, in a real Triton: each test ends with a stop, which a failure inside Triton would make wait for 60 seconds. */
class LoadCheckTest {
    private static final Duration EXIT_TIMEOUT = Duration.ofSeconds(60);

    @TempDir
    private Path repository;

    private final AtomicInteger live = new AtomicInteger();
    private EmbeddedServer server;

    @BeforeEach
    void startServer() throws IOException {
        Path version = Files.createDirectories(repository.resolve("counting/1"));
        Files.writeString(version.resolve("config.json"), "{}");
        configure("");
        server = EmbeddedServer.start(
                new EmbeddedServerOptions(repository, List.of("*"), EXIT_TIMEOUT, false), this::open);
        assertThat(live).hasValue(1);
    }

    private LoadedModel open(Path checkpoint, ModelSettings settings) {
        if (Files.exists(checkpoint.resolve("broken"))) {
            throw ServingException.unsupported("opening %s: broken", checkpoint.getFileName());
        }
        live.incrementAndGet();
        LoadedModel loaded = CountingModel.load();
        return new LoadedModel(
                loaded.model(), loaded.encoder(), loaded.decoder(), loaded.defaults(), live::decrementAndGet);
    }

    private void configure(String more) throws IOException {
        Files.writeString(repository.resolve("counting/config.pbtxt"), "backend: \"purekv\" " + more);
    }

    private void set(String name, String value) throws IOException {
        configure("parameters { key: \"" + name + "\" value { string_value: \"" + value + "\" } }");
    }

    @AfterEach
    void theOldVersionServesAndTheStopIsShort() throws Exception {
        assertThat(run(server, request("counting", Map.of("max_tokens", 2L), text("text_input", "")))
                        .text())
                .isEqualTo("a b ");
        assertThat(live).as("models that are open").hasValue(1);
        long start = System.nanoTime();
        server.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(EXIT_TIMEOUT.dividedBy(2));
        assertThat(live).as("models that are open").hasValue(0);
    }

    private void refuses(Map<String, Object> parameters, String... says) {
        assertThatThrownBy(() -> server.load("counting", parameters))
                .isInstanceOfSatisfying(
                        ServerException.class,
                        e -> assertThat(e.status()).isEqualTo(ServerException.Status.INVALID_ARG))
                .hasMessageContainingAll(says);
    }

    @Test
    void aMisspeltSettingIsNamed() throws IOException {
        set("compresion_ratio", "5");
        refuses(Map.of(), "counting", "compresion_ratio", "compression_ratio");
    }

    @Test
    void aLayerThatTheModelLacksIsNamed() throws IOException {
        set("clie_layer", "99");
        refuses(Map.of(), "counting", "clie_layer", "99");
    }

    @Test
    void aConfigurationThatCannotBeParsedIsRefusedWithItsLine() throws IOException {
        configure("\nparameters { key: \"a\" value { string_value: \"b\" }");
        refuses(Map.of(), "config.pbtxt", "line 2");
    }

    @Test
    void aWrongTensorIsNamed() throws IOException {
        configure("input [ { name: \"text_input\" data_type: TYPE_FP32 dims: [ 1 ] } ]");
        refuses(Map.of(), "text_input", "TYPE_STRING", "TYPE_FP32");
    }

    @Test
    void aCheckpointThatIsNotThereIsNamed() throws IOException {
        set("checkpoint", "/nowhere");
        refuses(Map.of(), "/nowhere", "config.json");
    }

    @Test
    void aCheckpointThatCannotBeOpenedIsRefusedWithItsReason() throws IOException {
        Files.writeString(repository.resolve("counting/1/broken"), "");
        set("compression_ratio", "5");
        refuses(Map.of(), "opening 1: broken");
        Files.delete(repository.resolve("counting/1/broken"));
    }

    @Test
    void anOverrideIsCheckedAsWell() {
        refuses(Map.of("config", "{\"backend\": "), "config", "JSON");
        refuses(Map.of("config", "[]"), "config", "object");
        refuses(
                Map.of(
                        "config",
                        "{\"backend\": \"purekv\", \"parameters\": {\"kv_polcy\": {\"string_value\": \"full\"}}}"),
                "kv_polcy");
    }

    @Test
    void anOverrideWithFilesOfItsOwnIsCheckedForItsSettings() {
        refuses(
                Map.of(
                        "config",
                        "{\"backend\": \"purekv\", \"parameters\": {\"kv_polcy\": {\"string_value\": \"full\"}}}",
                        "file:1/config.json",
                        "{}".getBytes(StandardCharsets.UTF_8)),
                "kv_polcy");
    }

    @Test
    void aSoundReloadChangesTheSettingsAndLeavesOneModel() throws Exception {
        set("allow_request_overrides", "false");
        server.load("counting", Map.of());
        assertThat(run(server, request("counting", Map.of("compression_ratio", 2L), text("text_input", "")))
                        .error())
                .hasMessageContaining("allow_request_overrides");
        awaitOne();
    }

    @Test
    void aSoundOverrideIsTaken() throws Exception {
        server.load(
                "counting",
                Map.of(
                        "config",
                        "{\"backend\": \"purekv\", \"parameters\": {\"allow_request_overrides\": {\"string_value\": \"false\"}}}"));
        assertThat(run(server, request("counting", Map.of("compression_ratio", 2L), text("text_input", "")))
                        .error())
                .hasMessageContaining("allow_request_overrides");
        awaitOne();
    }

    /** The old version goes when its last request has, on a thread of Triton's. */
    private void awaitOne() throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (live.get() > 1 && System.nanoTime() < deadline) {
            Thread.sleep(10);
        }
    }
}
