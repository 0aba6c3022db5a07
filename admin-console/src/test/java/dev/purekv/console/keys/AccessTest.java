package dev.purekv.console.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.doors.Door;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class AccessTest {
    @TempDir
    private static Path folder;

    private static final Map<Scope, String> KEYS = new EnumMap<>(Scope.class);
    private static Path file;
    private static RunningConsole console;

    @BeforeAll
    static void start() throws IOException {
        file = folder.resolve("keys.json");
        for (Scope scope : Set.of(Scope.METADATA, Scope.INFERENCE, Scope.REPOSITORY)) {
            KEYS.put(scope, make(scope.word(), scope, null));
        }
        console = RunningConsole.start("purekv.keys-file=" + file);
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    private static String make(String name, Scope scope, Integer requestsPerMinute) throws IOException {
        String key = ApiKey.random();
        new KeyFile(file).change(keys -> {
            keys.add(new ApiKey(name, ApiKey.hash(key), Set.of(scope), Instant.EPOCH, requestsPerMinute));
            return keys;
        });
        return key;
    }

    private static HttpRequest.Builder request(Door door, String method, String path) {
        return console.request(door, path)
                .method(method, method.equals("GET") ? BodyPublishers.noBody() : BodyPublishers.ofString("{}"));
    }

    private static int status(Door door, String method, String path, String key) {
        HttpRequest.Builder request = request(door, method, path);
        return console.send(key == null ? request : request.header("Authorization", "Bearer " + key))
                .statusCode();
    }

    @Test
    void metricsAskForNoKeyWhereTheOperatorSaysSo() {
        try (RunningConsole open = RunningConsole.start("purekv.keys-file=" + file, "purekv.metrics.anonymous=true")) {
            assertThat(open.get(Door.METRICS, "/metrics").statusCode()).isEqualTo(200);
            assertThat(open.get(Door.KSERVE, "/v2/models/fake/stats").statusCode())
                    .isEqualTo(401);
        }
    }

    /** Every path of every door that asks for keys. */
    @ParameterizedTest
    @CsvSource({
        "METADATA,   KSERVE,  GET,  /v2",
        "METADATA,   KSERVE,  GET,  /v2/models/fake",
        "METADATA,   KSERVE,  GET,  /v2/models/fake/ready",
        "METADATA,   KSERVE,  GET,  /v2/models/fake/config",
        "METADATA,   KSERVE,  GET,  /v2/models/fake/stats",
        "METADATA,   KSERVE,  GET,  /v2/models/stats",
        "METADATA,   KSERVE,  GET,  /v1/models",
        "METADATA,   KSERVE,  GET,  /v1/models/talker",
        "METADATA,   METRICS, GET,  /metrics",
        "INFERENCE,  KSERVE,  POST, /v2/models/fake/infer",
        "INFERENCE,  KSERVE,  POST, /v2/models/fake/generate",
        "INFERENCE,  KSERVE,  POST, /v2/models/fake/generate_stream",
        "INFERENCE,  KSERVE,  POST, /v1/chat/completions",
        "INFERENCE,  KSERVE,  POST, /v1/completions",
        "INFERENCE,  KSERVE,  GET,  /v2/systemsharedmemory/status",
        "INFERENCE,  KSERVE,  POST, /v2/systemsharedmemory/region/r/register",
        "INFERENCE,  KSERVE,  POST, /v2/systemsharedmemory/unregister",
        "INFERENCE,  KSERVE,  GET,  /v2/cudasharedmemory/status",
        "INFERENCE,  KSERVE,  POST, /v2/cudasharedmemory/unregister",
        "REPOSITORY, KSERVE,  GET,  /v2/logging",
        "REPOSITORY, KSERVE,  POST, /v2/logging",
        "REPOSITORY, KSERVE,  GET,  /v2/trace/setting",
        "REPOSITORY, KSERVE,  POST, /v2/trace/setting",
        "REPOSITORY, KSERVE,  GET,  /v2/models/fake/trace/setting",
        "REPOSITORY, KSERVE,  POST, /v2/models/fake/trace/setting",
        "REPOSITORY, KSERVE,  POST, /v2/repository/index",
        "REPOSITORY, KSERVE,  POST, /v2/repository/models/fake/load",
        "REPOSITORY, KSERVE,  POST, /v2/repository/models/fake/unload",
    })
    void letsInAKeyOfTheRightScopeAndNoOther(Scope scope, Door door, String method, String path) {
        assertThat(status(door, method, path, null)).isEqualTo(401);
        assertThat(status(door, method, path, ApiKey.random())).isEqualTo(401);
        assertThat(status(door, method, path, "")).isEqualTo(401);
        KEYS.forEach((other, key) -> {
            int status = status(door, method, path, key);
            if (other == scope) {
                assertThat(status).isIn(200, 400); // an empty body may be no request: it was let in and judged
            } else {
                assertThat(status).isEqualTo(403);
            }
        });
    }

    @Test
    void doesNothingForARequestThatIsNotLetIn() {
        console.server.control.clear();
        console.server.requests.clear();

        status(Door.KSERVE, "POST", "/v2/repository/models/fake/unload", KEYS.get(Scope.INFERENCE));
        status(Door.KSERVE, "POST", "/v2/models/fake/generate", KEYS.get(Scope.METADATA));

        assertThat(console.server.control).isEmpty();
        assertThat(console.server.requests).isEmpty();
    }

    @Test
    void tellsProbesHowTheServerIsWithoutAKey() {
        assertThat(status(Door.KSERVE, "GET", "/v2/health/live", null)).isEqualTo(200);
        assertThat(status(Door.KSERVE, "GET", "/v2/health/ready", null)).isEqualTo(200);
    }

    @Test
    void asksInTheShapeOfEachProtocol() {
        HttpResponse<String> triton = console.get(Door.KSERVE, "/v2");
        assertThat(triton.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
        assertThat(triton.body()).startsWith("{\"error\":\"an API key is needed");

        HttpResponse<String> openai = console.get(Door.KSERVE, "/v1/models");
        assertThat(openai.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
        assertThat(openai.body()).contains("\"code\":\"invalid_api_key\"");
    }

    @Test
    void refusesAKeyAsSoonAsItIsRevoked() throws IOException {
        String key = make("short-lived", Scope.METADATA, null);
        assertThat(status(Door.KSERVE, "GET", "/v2", key)).isEqualTo(200);

        KeyCommand.run("revoke", "short-lived", "--file", file.toString());

        assertThat(status(Door.KSERVE, "GET", "/v2", key)).isEqualTo(401);
    }

    @Test
    void countsRequestsKeyByKey() throws IOException {
        String key = make("twice", Scope.METADATA, 2);
        assertThat(status(Door.KSERVE, "GET", "/v2", key)).isEqualTo(200);
        assertThat(status(Door.KSERVE, "GET", "/v1/models", key)).isEqualTo(200);

        HttpResponse<String> refused =
                console.send(request(Door.KSERVE, "GET", "/v1/models").header("Authorization", "bearer " + key));

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(Integer.parseInt(refused.headers().firstValue("Retry-After").orElseThrow()))
                .isBetween(1, 30);
        assertThat(refused.body()).contains("\"code\":\"rate_limit_exceeded\"");
        assertThat(status(Door.KSERVE, "GET", "/v2", KEYS.get(Scope.METADATA))).isEqualTo(200);
    }

    @Test
    void writesNoKeyToTheLog(CapturedOutput output) throws IOException {
        String key = make("silent", Scope.METADATA, null);
        String wrong = ApiKey.random();
        status(Door.KSERVE, "GET", "/v2", key);
        status(Door.KSERVE, "GET", "/v2", wrong);
        status(Door.METRICS, "GET", "/metrics", wrong);

        assertThat(output.getAll()).contains("read ").doesNotContain(key, wrong, ApiKey.hash(key));
    }

    @Test
    void letsNobodyInWhileTheFileIsBroken() throws IOException {
        Path own = folder.resolve("own.json");
        Files.copy(file, own);
        try (RunningConsole other = RunningConsole.start("purekv.keys-file=" + own)) {
            HttpRequest.Builder request =
                    other.request(Door.KSERVE, "/v2").header("Authorization", "Bearer " + KEYS.get(Scope.METADATA));
            assertThat(other.send(request).statusCode()).isEqualTo(200);

            Files.writeString(own, "{", StandardOpenOption.TRUNCATE_EXISTING);
            assertThat(other.send(request).statusCode()).isEqualTo(503);

            Files.delete(own);
            assertThat(other.send(request).statusCode()).isEqualTo(503);
        }
    }

    @Test
    void startsOnOtherAddressesWithKeysAlone() {
        try (RunningConsole open = RunningConsole.start("purekv.bind-address=0.0.0.0", "purekv.keys-file=" + file)) {
            assertThat(open.get(Door.KSERVE, "/v2").statusCode()).isEqualTo(401);
        }
    }

    @Test
    void doesNotStartWithoutTheFileOrWithBothWays() {
        assertThat(catchThrowable(() -> RunningConsole.start("purekv.keys-file=/no/such/keys.json")
                        .close()))
                .isNotNull();
        assertThat(catchThrowable(() -> RunningConsole.start("purekv.keys-file=" + file, "purekv.allow-anonymous=true")
                        .close()))
                .isNotNull();
    }
}
