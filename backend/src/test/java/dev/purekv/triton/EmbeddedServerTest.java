package dev.purekv.triton;

import static dev.purekv.triton.Requests.flag;
import static dev.purekv.triton.Requests.request;
import static dev.purekv.triton.Requests.run;
import static dev.purekv.triton.Requests.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.ServingException;
import dev.purekv.server.InferenceRequest;
import dev.purekv.server.RequestedOutput;
import dev.purekv.server.RunningInference;
import dev.purekv.server.ServerException;
import dev.purekv.triton.Requests.Heard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real Triton in this JVM, with a model that counts. */
class EmbeddedServerTest {
    @TempDir
    Path repository;

    private EmbeddedServer server;

    @BeforeEach
    void startServer() throws IOException {
        addModel("counting", "backend: \"purekv\"");
        server = start();
    }

    private EmbeddedServer start() {
        return EmbeddedServer.start(
                EmbeddedServerOptions.of(repository), (checkpoint, settings) -> CountingModel.load());
    }

    private void addModel(String name, String config) throws IOException {
        Path version = Files.createDirectories(repository.resolve(name).resolve("1"));
        Files.writeString(version.resolve("config.json"), "{}");
        Files.writeString(repository.resolve(name).resolve("config.pbtxt"), config);
    }

    @AfterEach
    void stopServer() {
        server.close();
        assertThat(server.outstanding())
                .as("inferences that Triton still holds")
                .isZero();
    }

    @Test
    void aMinimalConfigurationIsCompleted() {
        assertThat(server.ready()).isTrue();
        assertThat(server.modelReady("counting", "")).isTrue();
        assertThat(server.modelConfig("counting", ""))
                .contains(
                        "\"decoupled\":true",
                        "\"name\":\"video\"",
                        "\"name\":\"messages\"",
                        "\"name\":\"text_output\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"..", ".", "../evil", "counting/", "./counting", "counting/../counting", "a\\b", "a\u0001b"})
    void whatIsNoFolderOfTheRepositoryIsNeitherLoadedNorUnloaded(String name) throws IOException {
        Path beside = repository.resolveSibling("evil");
        addModel(beside.toString(), "backend: \"purekv\"");
        assertThatThrownBy(() -> server.load(name, Map.of()))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("invalid model name");
        assertThatThrownBy(() -> server.unload(name, false))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("invalid model name");
        assertThat(server.modelReady("counting", "")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAnswerThatHasNoClassesEndsWithAnErrorThatSaysSo(boolean streamed) throws Exception {
        Heard heard = run(
                server,
                new InferenceRequest(
                        "counting",
                        "",
                        "7",
                        List.of(text("text_input", "hi "), flag("stream", streamed)),
                        List.of(new RequestedOutput("text_output", 1)),
                        Map.of("max_tokens", 4L)));
        assertThat(heard.ends()).isEqualTo(1);
        assertThat(heard.error().status()).isEqualTo(ServerException.Status.INVALID_ARG);
        assertThat(heard.error()).hasMessageContaining("class result not available for output 'text_output'");
        assertThat(heard.responses().get(0).id()).isEqualTo("7");
    }

    @Test
    void oneShotGivesOneResponseAndOneEnd() throws Exception {
        Heard heard = run(server, request("counting", Map.of("max_tokens", 4L), text("text_input", "hi ")));
        assertThat(heard.responses()).hasSize(1);
        assertThat(heard.ends()).isEqualTo(1);
        assertThat(heard.text()).isEqualTo("hi a b c d ");
    }

    @Test
    void streamingGivesOneResponseAPiece() throws Exception {
        Heard heard = run(
                server, request("counting", Map.of("max_tokens", 5L), text("text_input", "hi"), flag("stream", true)));
        assertThat(heard.responses()).hasSize(5);
        assertThat(heard.ends()).isEqualTo(1);
        assertThat(heard.text()).isEqualTo("a b c d e ");
    }

    @Test
    void samplingParametersAsJsonWinOverRequestParameters() throws Exception {
        Heard heard = run(
                server,
                request(
                        "counting",
                        Map.of("max_tokens", 9L, "temperature", 0L),
                        text("text_input", "hi"),
                        flag("exclude_input_in_output", true),
                        flag("return_finish_reason", true),
                        text("sampling_parameters", "{\"max_tokens\": \"3\", \"stop\": [\"c\"]}")));
        assertThat(heard.text()).isEqualTo("a b ");
        assertThat(Requests.element(heard.responses().get(0), "finish_reason")).isEqualTo("stop");
    }

    @Test
    void aWholePromptIsTakenWithoutTheTemplateAndOnlyAsABoolean() throws Exception {
        Heard heard = run(
                server,
                request(
                        "counting",
                        Map.of("apply_chat_template", false, "max_tokens", 2L),
                        text("text_input", "whole ")));
        assertThat(heard.text()).isEqualTo("whole a b ");
        Heard refused = run(server, request("counting", Map.of("apply_chat_template", "no"), text("text_input", "hi")));
        assertThat(refused.error()).hasMessageContaining("apply_chat_template");
    }

    @Test
    void anUnknownParameterIsNamed() throws Exception {
        Heard heard = run(server, request("counting", Map.of("max_tokenz", 4L), text("text_input", "hi")));
        assertThat(heard.error().status()).isEqualTo(ServerException.Status.INVALID_ARG);
        assertThat(heard.error()).hasMessageContaining("max_tokenz").hasMessageContaining("max_tokens");
    }

    @Test
    void anUnknownTensorIsRefused() {
        assertThatThrownBy(() -> run(server, request("counting", Map.of(), text("text_inptu", "hi"))))
                .isInstanceOfSatisfying(
                        ServerException.class,
                        e -> assertThat(e.status()).isEqualTo(ServerException.Status.INVALID_ARG))
                .hasMessageContaining("text_inptu");
        assertThat(server.outstanding()).isZero();
    }

    @Test
    void aNulInANameOrValueIsRefusedAndNotCutOff() {
        for (Map<String, Object> parameters :
                List.<Map<String, Object>>of(Map.of("stop\0x", "a"), Map.of("stop", "a\0x"))) {
            assertThatThrownBy(() -> run(server, request("counting", parameters, text("text_input", "hi"))))
                    .isInstanceOf(ServerException.class)
                    .hasMessageContaining("NUL");
        }
        assertThat(server.outstanding()).isZero();
    }

    @Test
    void aCancelledRequestEndsWithinAStepAndIsToldSo() throws Exception {
        CompletableFuture<ServerException> ended = new CompletableFuture<>();
        CompletableFuture<Void> begun = new CompletableFuture<>();
        RunningInference running = server.infer(
                request("counting", Map.of("max_tokens", 50_000L), text("text_input", "hi"), flag("stream", true)),
                (response, last) -> {
                    begun.complete(null);
                    if (last) {
                        ended.complete(response == null ? null : response.error());
                    }
                });
        begun.get(10, TimeUnit.SECONDS);
        running.cancel();
        assertThat(ended.get(5, TimeUnit.SECONDS).status()).isEqualTo(ServerException.Status.CANCELLED);
        running.cancel(); // harmless after the end
    }

    @Test
    void statisticsCountTheWholeGeneration() throws Exception {
        run(server, request("counting", Map.of("max_tokens", 30L), text("text_input", "hi")));
        run(server, request("counting", Map.of("max_tokenz", 1L), text("text_input", "hi")));
        assertThat(server.statistics("counting", ""))
                .contains("\"success\":{\"count\":1,", "\"fail\":{\"count\":1,", "\"execution_count\":1");
        assertThat(server.metrics()).contains("nv_inference_request_success{model=\"counting\",version=\"1\"} 1");
    }

    @Test
    void unloadingEndsWhenTheLastAnswerIsOut() throws Exception {
        run(server, request("counting", Map.of(), text("text_input", "hi")));
        server.unload("counting", false);
        awaitState("UNAVAILABLE");
        assertThat(server.modelReady("counting", "")).isFalse();
        server.load("counting", Map.of());
        assertThat(run(server, request("counting", Map.of(), text("text_input", "")))
                        .text())
                .startsWith("a b");
    }

    private void awaitState(String state) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!server.repositoryIndex(false).contains("\"state\":\"" + state + "\"")) {
            assertThat(System.nanoTime())
                    .as("the index says " + server.repositoryIndex(false))
                    .isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    @Test
    void oneBadModelTakesNeitherTheServerNorTheOthersAway() throws Exception {
        addModel("bad", "backend: \"purekv\" parameters { key: \"compresion\" value { string_value: \"5\" } }");
        assertThatThrownBy(() -> server.load("bad", Map.of()))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("compresion");
        assertThat(server.ready()).isTrue();
        assertThat(run(server, request("counting", Map.of(), text("text_input", "")))
                        .text())
                .startsWith("a b");
    }

    @Test
    void aFailedFirstLoadIsTriedOnce() throws Exception {
        server.close();
        addModel("broken", "backend: \"purekv\"");
        AtomicInteger tries = new AtomicInteger();
        server = EmbeddedServer.start(EmbeddedServerOptions.of(repository), (checkpoint, settings) -> {
            if (checkpoint.toString().contains("broken")) {
                tries.incrementAndGet();
                throw ServingException.invalid("no such weights");
            }
            return CountingModel.load();
        });
        assertThat(tries).hasValue(1);
        assertThatThrownBy(() -> server.load("broken", Map.of())).hasMessageContaining("no such weights");
        assertThat(tries).hasValue(2);
    }

    @Test
    void aStartPassesOverATemplateThatHasNoVersionYet() throws Exception {
        server.close();
        Files.createDirectories(repository.resolve("template"));
        Files.writeString(repository.resolve("template/config.pbtxt"), "backend: \"purekv\"");
        server = EmbeddedServer.start(
                EmbeddedServerOptions.of(repository), (checkpoint, settings) -> CountingModel.load());
        assertThat(server.modelReady("counting", "")).isTrue();
        assertThat(server.repositoryIndex(false)).contains("{\"name\":\"template\"}");
    }

    @Test
    void aCheckpointMayLieBesideAnEmptyVersionFolderOrWhereTheSettingsSay() throws Exception {
        for (String place : new String[] {"checkpoint", "elsewhere"}) {
            addModel(
                    place,
                    "backend: \"purekv\" parameters { key: \"checkpoint\" value { string_value: \"" + place + "\" } }");
            Files.delete(repository.resolve(place).resolve("1/config.json"));
            Path folder = Files.createDirectories(repository.resolve(place).resolve(place));
            Files.writeString(folder.resolve("config.json"), "{}");
            if (place.equals("checkpoint")) {
                Files.writeString(repository.resolve(place).resolve("config.pbtxt"), "backend: \"purekv\"");
            }
            server.load(place, Map.of());
            assertThat(server.modelReady(place, "1")).isTrue();
        }
    }

    @Test
    void anIdleServerStopsWithinThreeSecondsAndAnotherStarts() throws Exception {
        run(server, request("counting", Map.of(), text("text_input", "hi")));
        long start = System.nanoTime();
        server.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
        assertThat(server.live()).isFalse();
        assertThatThrownBy(server::metadata).isInstanceOf(ServerException.class);
        server = start();
        assertThat(run(server, request("counting", Map.of(), text("text_input", "")))
                        .text())
                .startsWith("a b");
    }

    @Test
    void aServerThatStopsEndsWhatRuns() throws Exception {
        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        server.infer(
                request("counting", Map.of("max_tokens", 50_000L), text("text_input", "hi")),
                (response, last) -> ended.complete(last));
        long start = System.nanoTime();
        server.close();
        assertThat(ended.get(1, TimeUnit.SECONDS)).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
    }

    @Test
    void nothingNativeOutlivesARequest() throws Exception {
        run(server, request("counting", Map.of(), text("text_input", "hi"), flag("stream", true)));
        long before = Pointer.totalCount();
        for (int i = 0; i < 20; i++) {
            run(server, request("counting", Map.of(), text("text_input", "hi"), flag("stream", true)));
            run(server, request("counting", Map.of("nonsense", 1L), text("text_input", "hi")));
        }
        long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (Pointer.totalCount() > before && System.nanoTime() < deadline) {
            Thread.sleep(10); // the last response is heard before its memory is given back
        }
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    }
}
