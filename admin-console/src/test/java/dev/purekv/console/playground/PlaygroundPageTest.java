package dev.purekv.console.playground;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.FakeTalker;
import dev.purekv.console.RunningConsole;
import dev.purekv.console.Visitor;
import dev.purekv.console.controllers.Speaks;
import dev.purekv.console.exchange.RequestLimits;
import dev.purekv.console.people.KnownPeople;
import dev.purekv.console.people.Role;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Speaks(to = {PlaygroundController.class, AskController.class})
class PlaygroundPageTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    static Path repository;

    private static RunningConsole console;
    private static Visitor operator;
    private static Visitor viewer;
    private static Visitor other;

    @BeforeAll
    static void start() throws IOException {
        Files.createDirectories(repository.resolve("talker/samples"));
        Files.writeString(repository.resolve("talker/samples/a.mp4"), "a clip");
        Files.writeString(repository.resolve("talker/config.pbtxt"), "secret");
        console = RunningConsole.start("purekv.model-repository=" + repository);
        operator = KnownPeople.loggedIn(console, Role.OPERATOR);
        viewer = KnownPeople.loggedIn(console, Role.VIEWER);
        other = KnownPeople.loggedIn(console, Role.ADMIN);
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    private static HttpResponse<String> ask(Visitor who, String text, String... more) {
        String[] fields = new String[more.length + 6];
        System.arraycopy(new String[] {"id", "1", "model", FakeTalker.MODEL, "text", text}, 0, fields, 0, 6);
        System.arraycopy(more, 0, fields, 6, more.length);
        return who.post("/playground/ask", fields);
    }

    private static List<JsonNode> lines(HttpResponse<String> response) {
        return response.body()
                .lines()
                .filter(line -> !line.isBlank())
                .map(JSON::readTree)
                .toList();
    }

    @Test
    void aClipCountsAsABodyUntilItsAnswerEndsAndOneAboveTheLimitIsRefused() {
        String[] fields = {"id", "1", "model", FakeTalker.MODEL, "text", "hello"};
        try (RunningConsole small =
                RunningConsole.start("purekv.model-repository=" + repository, "purekv.http.max-request-bytes=1KB")) {
            Visitor who = KnownPeople.loggedIn(small, Role.OPERATOR);
            assertThat(lines(who.upload("/playground/ask", "file", "a.mp4", new byte[1000], fields)))
                    .hasSize(3);
            HttpResponse<String> refused = who.upload("/playground/ask", "file", "a.mp4", new byte[1025], fields);
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body()).contains("larger than the allowed 1024 bytes");
            Awaitility.await()
                    .until(() -> small.bean(RequestLimits.class).bodies().heldBytes() == 0);
        }
    }

    @Test
    void anAnswerComesInPiecesAndEndsWithItsFigures() {
        List<JsonNode> lines = lines(ask(operator, "hello", "compression_ratio", "5", "sparse_attention_layer", ""));
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0).path("text").asString()
                        + lines.get(1).path("text").asString())
                .isEqualTo("eins zwei \u00e9");
        JsonNode end = lines.get(2);
        assertThat(end.path("end").asBoolean()).isTrue();
        assertThat(end.path("reason").asString()).isEqualTo("length");
        assertThat(end.path("figures").path("kv_cache_bytes").asInt()).isEqualTo(250);
        assertThat(console.server.requests)
                .last()
                .satisfies(request -> assertThat(request.parameters())
                        .containsEntry("compression_ratio", "5")
                        .doesNotContainKey("sparse_attention_layer")
                        .doesNotContainKey("_csrf"));
    }

    @Test
    void aSampleGoesAlongAsItsBytes() {
        ask(operator, "hello", "sample", "a.mp4");
        assertThat(console.server.requests)
                .last()
                .satisfies(
                        request -> assertThat(FakeTalker.text(request, "video")).isEqualTo("a clip"));
        assertThat(viewer.get("/playground/samples/talker/a.mp4").body()).isEqualTo("a clip");
    }

    @ParameterizedTest
    @ValueSource(strings = {"..%2Fconfig.pbtxt", "config.pbtxt", "%2e%2e%2fconfig.pbtxt", "b.mp4"})
    void namesThatAreNoSamplesLeadNowhere(String name) {
        HttpResponse<String> response = viewer.get("/playground/samples/talker/" + name);
        assertThat(response.statusCode()).isIn(400, 404);
        assertThat(response.body()).doesNotContain("secret");
    }

    @Test
    void refusalsAreToldInWordsBeforeAndAfterTheFirstPiece() {
        HttpResponse<String> wrong = ask(operator, "hello", "compression_ratio", "0.5");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(lines(wrong).get(0).path("problem").asString()).contains("'compression_ratio' must be at least 1");
        assertThat(lines(ask(operator, " ")).get(0).path("problem").asString()).contains("expected a question");
        assertThat(lines(ask(operator, "hello", "max_tokens", "x"))
                        .get(0)
                        .path("problem")
                        .asString())
                .contains("whole number");
        assertThat(lines(ask(operator, "hello", "sample", "../config.pbtxt"))
                        .get(0)
                        .path("problem")
                        .asString())
                .contains("no sample of this name");
        assertThat(lines(ask(operator, "break")).get(1).path("problem").asString())
                .isEqualTo("broke");
    }

    @Test
    void markupInAnAnswerIsDataAndNoPage() {
        String evil = "<script>alert(1)</script>\n{\"end\":true}<img src=x onerror=alert(2)>";
        HttpResponse<String> answer = ask(operator, "say " + evil);

        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/x-ndjson;charset=UTF-8");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'none'");
        assertThat(lines(answer))
                .singleElement()
                .satisfies(line -> assertThat(line.path("text").asString()).isEqualTo(evil));
    }

    @Test
    void onlyWhoAskedCanCancel() throws Exception {
        CompletableFuture<HttpResponse<String>> answer = CompletableFuture.supplyAsync(() -> ask(operator, "forever"));
        int before = console.server.cancelled.get();
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> console.server.requests.stream()
                        .anyMatch(each -> "forever".equals(FakeTalker.text(each, "text_input"))));
        assertThat(other.post("/playground/cancel", "id", "1").statusCode()).isEqualTo(404);
        assertThat(console.server.cancelled).hasValue(before);
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> operator.post("/playground/cancel", "id", "1").statusCode() == 204);
        List<JsonNode> lines = lines(answer.get(10, TimeUnit.SECONDS));
        assertThat(lines.get(lines.size() - 1).path("problem").asString()).isEqualTo("cancelled");
    }

    @Test
    void viewersMayLookAndNotAsk() {
        assertThat(viewer.get("/playground").statusCode()).isEqualTo(200);
        assertThat(ask(viewer, "hello").statusCode()).isEqualTo(403);
    }
}
