package dev.purekv.console.kserve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.doors.Door;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KservePathsTest {
    private static RunningConsole console;

    @BeforeAll
    static void start() {
        console = RunningConsole.start();
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "GET  | /v2/health/live                        | 200 | ``",
                "GET  | /v2/health/ready                       | 200 | ``",
                "GET  | /v2                                    | 200 | {\"name\":\"triton\",\"version\":\"2.51.0\",\"extensions\":[]}",
                "GET  | /v2/models/fake/config                 | 200 | {\"name\":\"fake\",\"backend\":\"purekv\"}",
                "GET  | /v2/models/fake/versions/1/config      | 200 | {\"name\":\"fake\",\"backend\":\"purekv\"}",
                "GET  | /v2/models/f%61ke/config               | 200 | {\"name\":\"fake\",\"backend\":\"purekv\"}",
                "GET  | /v2/models/fake/ready                  | 200 | ``",
                "GET  | /v2/models/fake/versions/9/ready       | 400 | {\"error\":\"Model version not ready\"}",
                "GET  | /v2/models/other/ready                 | 400 | {\"error\":\"Model version not ready\"}",
                "GET  | /v2/models/stats                       | 200 | {\"model_stats\":[{\"name\":\"\",\"version\":\"\"}]}",
                "GET  | /v2/models/fake/versions/1/stats       | 200 | {\"model_stats\":[{\"name\":\"fake\",\"version\":\"1\"}]}",
                "GET  | /v2/models/other                       | 404 | {\"error\":\"Request for unknown model: 'other' is not found\"}",
                "POST | /v2/repository/models/other/load       | 404 | {\"error\":\"Request for unknown model: 'other' is not found\"}",
                "POST | /v2/repository/index                   | 200 | [{\"name\":\"fake\",\"version\":\"1\",\"state\":\"READY\"},{\"name\":\"<b>odd</b>\",\"version\":\"1\",\"state\":\"UNAVAILABLE\",\"reason\":\"no weights\"}]",
                "POST | /v2/repository/other/index             | 501 | {\"error\":\"'repository_name' specification is not supported\"}",
                "GET  | /                                      | 404 | {\"error\":\"Not Found\"}",
                "GET  | /v2/                                   | 404 | {\"error\":\"Not Found\"}",
                "GET  | /v2/health                             | 404 | {\"error\":\"Not Found\"}",
                "GET  | /v2/models                             | 404 | {\"error\":\"Not Found\"}",
                "GET  | /v2/models/fake/versions/x             | 404 | {\"error\":\"Not Found\"}",
                "GET  | /v2/models/fake;a=b/nothing            | 404 | {\"error\":\"Not Found\"}",
                "POST | /v2/health/live                        | 405 | {\"error\":\"Method Not Allowed\"}",
                "PUT  | /v2                                    | 405 | {\"error\":\"Method Not Allowed\"}",
                "GET  | /v2/models/fake/generate               | 405 | {\"error\":\"Method Not Allowed\"}",
                "GET  | /v2/models/fake/generate_stream        | 405 | {\"error\":\"Method Not Allowed\"}",
                "GET  | /v2/repository/index                   | 405 | {\"error\":\"Method Not Allowed\"}",
                "DELETE | /v2/repository/models/fake/load      | 405 | {\"error\":\"Method Not Allowed\"}",
            })
    void answersEachPathAsTritonDoes(String method, String path, int status, String body) {
        HttpResponse<String> response =
                console.send(console.request(Door.KSERVE, path).method(method, BodyPublishers.noBody()));

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).isEqualTo(body);
        if (!body.isEmpty()) {
            assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/v2/models/..%2F..%2Fetc/config",
        "/v2/models/%2e%2e/config",
        "/v2/models/a%5Cb/config",
        "/v2/models/a%00b/config",
        "/v2/models/a%0Ab/config",
        "/v2/models/%ff/config",
        "/v2/models/fake/versions/99999999999999999999/config",
    })
    void refusesNamesThatNoFolderCanHave(String path) {
        HttpResponse<String> response = console.get(Door.KSERVE, path);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).doesNotContain("<html");
    }

    @Test
    void tellsServersThatAreNotReadyBy400() {
        console.server.ready.set(false);
        try {
            assertThat(console.get(Door.KSERVE, "/v2/health/ready").statusCode())
                    .isEqualTo(400);
        } finally {
            console.server.ready.set(true);
        }
    }

    @Test
    void listsOnlyReadyModelsOnRequest() {
        assertThat(console.post("/v2/repository/index", "{\"ready\":true}").body())
                .isEqualTo("[{\"name\":\"fake\",\"version\":\"1\",\"state\":\"READY\"},"
                        + "{\"name\":\"talker\",\"version\":\"1\",\"state\":\"READY\"}]");
    }

    @Test
    void loadsWithTheGivenConfigAndFiles() {
        HttpResponse<String> response = console.post(
                "/v2/repository/models/fake/load", "{\"parameters\":{\"config\":\"{}\",\"file:1/x\":\"aGk=\"}}");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEmpty();
        assertThat(console.server.control).contains("load fake {} hi");
    }

    @Test
    void unloadsWithDependentsOnRequest() {
        console.post("/v2/repository/models/fake/unload", "{\"parameters\":{\"unload_dependents\":true}}");
        console.post("/v2/repository/models/fake/unload", "");

        assertThat(console.server.control).contains("unload fake true", "unload fake false");
        assertThat(console.post("/v2/repository/index", "{\"ready\":true}").body())
                .doesNotContain("fake");
        console.post("/v2/repository/models/fake/load", "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/v2/repository/models/fake/load   | {\"parameters\":3}",
                "/v2/repository/models/fake/load   | {\"parameters\":{\"config\":3}}",
                "/v2/repository/models/fake/load   | {\"parameters\":{\"other\":\"x\"}}",
                "/v2/repository/models/fake/load   | {\"parameters\":{\"file:../x\":\"aGk=\"}}",
                "/v2/repository/models/fake/load   | {\"parameters\":{\"file:1/x\":\"!\"}}",
                "/v2/repository/models/fake/unload | {\"parameters\":{\"unload_dependents\":\"yes\"}}",
                "/v2/repository/index              | {\"ready\":1}",
                "/v2/repository/index              | [1]",
                "/v2/repository/index              | {\"ready\":",
            })
    void refusesWrongControlBodies(String path, String body) {
        HttpResponse<String> response = console.post(path, body);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).startsWith("{\"error\":");
    }
}
