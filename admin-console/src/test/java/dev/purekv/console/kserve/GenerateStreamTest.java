package dev.purekv.console.kserve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.doors.Door;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GenerateStreamTest {
    private static final String STREAM = "/v2/models/fake/generate_stream";
    private static RunningConsole console;

    @BeforeAll
    static void start() {
        console = RunningConsole.start();
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    private static String event(String text) {
        return "data: {\"model_name\":\"fake\",\"model_version\":\"1\",\"ratio\":0.5,\"text_output\":\"" + text
                + "\",\"tokens\":3}\n\n";
    }

    @Test
    void sendsOneEventForEachResponseAndNoEndMarker() {
        HttpResponse<String> response = console.post(STREAM, "{\"script\":\"three\"}");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream;charset=utf-8");
        assertThat(response.body()).isEqualTo(event("eins") + event("zwei \u00e9") + event("drei"));
    }

    @Test
    void sendsNoEventForAFinalFlag() {
        assertThat(console.post(STREAM, "{\"script\":\"one then flags\"}").body())
                .isEqualTo(event("one"));

        HttpResponse<String> nothing = console.post(STREAM, "{\"script\":\"flags only\"}");
        assertThat(nothing.statusCode()).isEqualTo(200);
        assertThat(nothing.body()).isEmpty();
    }

    @Test
    void takesTheStatusFromTheFirstResponse() {
        HttpResponse<String> response = console.post(STREAM, "{\"script\":\"fails\"}");

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body()).isEqualTo("data: {\"error\":\"no room\"}\n\n");
    }

    @Test
    void sendsLaterErrorsAsEvents() {
        HttpResponse<String> response = console.post(STREAM, "{\"script\":\"fails later\"}");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(event("good") + "data: {\"error\":\"broke\"}\n\n");
    }

    @Test
    void answersRefusalsBeforeTheStartAsJson() {
        HttpResponse<String> response = console.post(STREAM, "{\"script\":\"refuse UNAVAILABLE\"}");

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(response.body()).isEqualTo("{\"error\":\"refused as asked\"}");
    }

    @Test
    void sendsEachEventAtOnce() throws IOException {
        try (Socket client = open("{\"script\":\"forever 3 200\"}")) {
            client.setSoTimeout(5000);
            InputStream in = client.getInputStream();
            StringBuilder seen = new StringBuilder();
            while (!seen.toString().contains("xxx")) {
                seen.append((char) in.read());
            }
            assertThat(console.server.responsesSent.get()).isPositive();
        }
    }

    @Test
    void cancelsWhenTheClientLeaves() throws IOException {
        int before = console.server.cancelled.get();
        Socket client = open("{\"script\":\"forever 10 20\"}");
        assertThat(client.getInputStream().read()).isEqualTo('H');

        client.close();

        Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> console.server.cancelled.get() > before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"generate", "generate_stream"})
    void cancelsWhenAClientLeavesThatHasSeenNothingYet(String path) throws IOException {
        int before = console.server.cancelled.get();
        Socket client = open(path, "{\"script\":\"forever 0 20\"}");
        Awaitility.await()
                .until(() -> console.server.requests.stream()
                        .anyMatch(r -> r.parameters().containsValue("forever 0 20")));

        client.close();

        Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> console.server.cancelled.get() > before);
        console.server.requests.clear();
    }

    @Test
    void answersARequestThatWasSentWhileAnotherRan() throws IOException {
        try (Socket client = open("generate", "{\"script\":\"slow 1200\"}")) {
            String next = "GET /v2/health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            client.getOutputStream().write(next.getBytes(StandardCharsets.US_ASCII));
            client.setSoTimeout(10_000);
            String all = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(all.split("HTTP/1.1 200", -1)).hasSize(3);
            assertThat(all).contains("\"text_output\":\"slow\"");
        }
    }

    @Test
    void cancelsAStreamWhoseClientDoesNotRead() throws IOException {
        int cancelled = console.server.cancelled.get();
        int sent = console.server.responsesSent.get();
        try (Socket client = open("{\"script\":\"forever 65536 1\"}")) {
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> console.server.cancelled.get() > cancelled);
            // Sockets of both sides hold some megabytes; the queue holds one more.
            assertThat((console.server.responsesSent.get() - sent) * 65536L).isLessThan(32L << 20);
            assertThat(client.isConnected()).isTrue();
        }
    }

    @Test
    void letsOthersReadWhileSomeDoNot() throws IOException {
        List<Socket> stalled = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                stalled.add(open("{\"script\":\"forever 65536 1\"}"));
            }
            assertThat(console.post(STREAM, "{\"script\":\"three\"}").body()).endsWith(event("drei"));
        } finally {
            for (Socket client : stalled) {
                client.close();
            }
        }
    }

    @Test
    void holdsNoThreadForStreamsThatWereGivenUp() throws IOException {
        int cancelled = console.server.cancelled.get();
        List<Socket> stalled = new ArrayList<>();
        try {
            for (int i = 0; i < 80; i++) { // more than the connector has threads
                stalled.add(open("{\"script\":\"forever 262144 5\"}"));
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> console.server.cancelled.get() >= cancelled + 80);
            assertTimeoutPreemptively(
                    Duration.ofSeconds(5),
                    () -> assertThat(console.get(Door.KSERVE, "/v2/health/live").statusCode())
                            .isEqualTo(200));
        } finally {
            for (Socket client : stalled) {
                client.close();
            }
        }
    }

    @Test
    void holdsNoThreadWhileManyWait() throws IOException {
        List<Socket> waiting = new ArrayList<>();
        try {
            for (int i = 0; i < 150; i++) { // more than the connector has threads
                waiting.add(open("{\"script\":\"forever 0 50\"}"));
            }
            assertThat(console.get(Door.KSERVE, "/v2/health/live").statusCode()).isEqualTo(200);
            assertThat(console.post(STREAM, "{\"script\":\"three\"}").statusCode())
                    .isEqualTo(200);
        } finally {
            for (Socket client : waiting) {
                client.close();
            }
        }
    }

    private static Socket open(String body) throws IOException {
        return open("generate_stream", body);
    }

    private static Socket open(String path, String body) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), console.port(Door.KSERVE));
        String head = "POST /v2/models/fake/" + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length()
                + "\r\n\r\n";
        socket.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
        return socket;
    }
}
