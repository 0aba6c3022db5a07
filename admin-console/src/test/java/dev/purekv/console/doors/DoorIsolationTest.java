package dev.purekv.console.doors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DoorIsolationTest {
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
    @CsvSource({
        "KSERVE,  /v2/health/live, 200",
        "KSERVE,  /metrics,        404",
        "KSERVE,  /,               404",
        "KSERVE,  /app.css,        404",
        "KSERVE,  /error,          404",
        "KSERVE,  /login,          404",
        "KSERVE,  /v1/models,      200",
        "METRICS, /v1/models,      404",
        "CONSOLE, /v1/models,      302",
        "METRICS, /metrics,        200",
        "METRICS, /metrics/,       404",
        "METRICS, /v2/health/live, 404",
        "METRICS, /,               404",
        "METRICS, /app.css,        404",
        "METRICS, /error,          404",
        "CONSOLE, /,               302",
        "CONSOLE, /app.css,        200",
        "CONSOLE, /metrics,        302",
        "CONSOLE, /v2/health/live, 302",
        "CONSOLE, /error,          302",
    })
    void opensOnlyWhatBelongsToTheDoor(Door door, String path, int status) {
        assertThat(console.get(door, path).statusCode()).isEqualTo(status);
    }

    /** Spring Boot would keep 200, and a failed write of one client's answer could end another's connection. */
    @ParameterizedTest
    @EnumSource(Door.class)
    void keepsNoObjectOfOneClientForTheNext(Door door) {
        DoorProtocol protocol =
                (DoorProtocol) console.bean(Doors.class).connector(door).getProtocolHandler();

        assertThat(protocol.getProcessorCache()).isZero();
    }

    @Test
    void ignoresWhatTheClientSaysAboutThePort() {
        HttpResponse<String> response = console.send(console.request(Door.METRICS, "/v2/health/live")
                .header("X-Forwarded-Port", String.valueOf(console.port(Door.KSERVE)))
                .header("X-Forwarded-Host", "127.0.0.1:" + console.port(Door.KSERVE)));

        assertThat(response.statusCode()).isEqualTo(404);
    }

    @Test
    void servesTritonsMetricsAndTheProcesssOwnAsPrometheusText() {
        HttpResponse<String> response = console.get(Door.METRICS, "/metrics");

        assertThat(response.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/plain;version=0.0.4");
        assertThat(response.body())
                .startsWith("# TYPE nv_inference_count counter\nnv_inference_count 7\n# HELP ")
                .containsPattern("\njvm_memory_used_bytes\\{area=\"heap\"} [1-9]")
                .containsPattern("\nprocess_cpu_seconds_total [0-9]");
    }

    @Test
    void refusesOtherMethodsForMetrics() {
        assertThat(console.send(console.request(Door.METRICS, "/metrics").POST(BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(405);
    }
}
