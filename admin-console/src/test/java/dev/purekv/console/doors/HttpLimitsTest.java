package dev.purekv.console.doors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.exchange.RequestLimits;
import dev.purekv.console.exchange.RunningExchanges;
import dev.purekv.console.patience.WaitingBytes;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients of the HTTP doors may cost. */
class HttpLimitsTest {
    private static final String LIVE = "GET /v2/health/live HTTP/1.1\r\nHost: x\r\n";

    private static Socket connect(RunningConsole console, Door door) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), console.port(door));
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void post(Socket socket, String path, String body) throws IOException {
        send(socket, "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    @Test
    void tellsInferencesAboveTheLimitToComeAgain() throws IOException {
        try (RunningConsole console = RunningConsole.start("purekv.http.max-requests=2");
                Socket first = connect(console, Door.KSERVE);
                Socket second = connect(console, Door.KSERVE)) {
            post(first, "/v2/models/fake/generate_stream", "{\"script\":\"forever 1 20\"}");
            post(second, "/v2/models/fake/generate", "{\"script\":\"forever 0 20\"}");
            Awaitility.await().until(() -> console.server.requests.size() == 2);
            for (String path : List.of("/v2/models/fake/generate", "/v1/completions")) {
                HttpResponse<String> refused = console.post(path, "{\"model\":\"talker\",\"prompt\":\"hi\"}");
                assertThat(refused.statusCode()).isEqualTo(503);
                assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
                assertThat(refused.body()).contains("purekv.http.max-requests");
            }
            second.close();
            Awaitility.await()
                    .until(() -> console.post("/v2/models/fake/generate", "{\"text_input\":\"x\"}")
                                    .statusCode()
                            == 200);
        }
    }

    @Test
    void refusesHeadersAboveTheLimit() throws IOException {
        try (RunningConsole console = RunningConsole.start("purekv.http.max-header-bytes=2KB")) {
            for (String path : List.of("/v2/health/live", "/v1/models")) {
                HttpResponse<String> refused =
                        console.send(console.request(Door.KSERVE, path).header("X-Long", "x".repeat(2048)));
                assertThat(refused.statusCode()).isIn(400, 431);
                assertThat(refused.body()).startsWith("{\"error\":");
            }
            HttpResponse<String> many = console.send(many(console));
            assertThat(many.statusCode()).isEqualTo(400);
            assertThat(console.get(Door.KSERVE, "/v2/health/live").statusCode()).isEqualTo(200);
        }
    }

    private static HttpRequest.Builder many(RunningConsole console) {
        HttpRequest.Builder request = console.request(Door.KSERVE, "/v2/health/live");
        for (int i = 0; i < 120; i++) {
            request.header("a" + i, "");
        }
        return request;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                LIVE,
                "POST /v2/models/fake/generate HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
                "POST /v1/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{",
                LIVE + "\r\n"
            })
    void closesConnectionsThatOweBytesForTooLong(String sent) throws IOException {
        try (RunningConsole console = RunningConsole.start("purekv.http.idle-timeout=1s");
                Socket client = connect(console, Door.KSERVE)) {
            send(client, sent);
            client.setSoTimeout(30_000);
            InputStream in = client.getInputStream();
            try {
                in.readAllBytes(); // returns: the server closes
            } catch (SocketException reset) {
                // As well.
            }
            Awaitility.await()
                    .until(() -> console.bean(RequestLimits.class).bodies().heldBytes() == 0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void endsAnAnswerOfWhichItsClientReadsNoMoreThan(int bytesASecond) throws IOException {
        try (RunningConsole console = RunningConsole.start("purekv.http.stall-timeout=1s");
                Socket client = connect(console, Door.KSERVE)) {
            // One answer, and more of it than sockets hold: nothing else would end it within a minute.
            post(client, "/v2/models/fake/generate", "{\"text_input\":\"" + "x".repeat(20_000_000) + "\"}");
            assertThat(client.getInputStream().read()).isEqualTo('H');
            RunningExchanges exchanges = console.bean(RunningExchanges.class);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> exchanges.count() == 0
                            || client.getInputStream().readNBytes(bytesASecond).length > bytesASecond);
            // Nothing is left that a stop would wait for, nor the connection, while the client still holds its end.
            Awaitility.await().until(() -> console.bean(UnderWay.class).none());
            Doors doors = console.bean(Doors.class);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() ->
                            doors.client("127.0.0.1", client.getLocalPort()).gone());
        }
    }

    @Test
    void givesAClientThatReadsSlowlyAllOfItsAnswer() throws Exception {
        try (RunningConsole console = RunningConsole.start("purekv.http.stall-timeout=1s");
                Socket client = connect(console, Door.KSERVE)) {
            int size = 40_000_000; // more than sockets hold
            String body = "{\"text_input\":\"" + "x".repeat(size) + "\"}";
            send(
                    client,
                    "POST /v2/models/fake/generate HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
                            + body.length() + "\r\n\r\n" + body);
            InputStream in = client.getInputStream();
            long read = 0;
            for (int count = in.readNBytes(1 << 20).length; count > 0; count = in.readNBytes(1 << 20).length) {
                read += count;
                if (read < size) {
                    Thread.sleep(150); // over five seconds in all
                }
            }
            assertThat(read).isGreaterThan(size);
        }
    }

    @Test
    void noticesAClientThatLeavesAfterTheBeginningOfAFurtherRequest() throws IOException {
        try (RunningConsole console = RunningConsole.start()) {
            try (Socket client = connect(console, Door.KSERVE)) {
                post(client, "/v2/models/fake/generate", "{\"script\":\"forever 0 20\"}");
                Awaitility.await().until(() -> !console.server.requests.isEmpty());
                send(client, "GET /v2");
            }
            Awaitility.await().until(() -> console.server.cancelled.get() == 1);
        }
    }

    @Test
    void tellsAClientThatClosedItsOwnDirectionThatItIsCancelled() throws IOException {
        try (RunningConsole console = RunningConsole.start();
                Socket client = connect(console, Door.KSERVE)) {
            post(client, "/v2/models/fake/generate", "{\"script\":\"forever 0 20\"}");
            Awaitility.await().until(() -> !console.server.requests.isEmpty());
            client.shutdownOutput();
            client.setSoTimeout(30_000);
            assertThat(new String(client.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 499");
        }
    }

    @Test
    void noticesClientsThatLeaveAfterACancellationHasFailed() throws IOException {
        try (RunningConsole console = RunningConsole.start()) {
            for (String script : List.of("forever 0 20 stubborn", "forever 0 20")) {
                int before = console.server.cancelled.get();
                int asked = console.server.requests.size();
                try (Socket client = connect(console, Door.KSERVE)) {
                    post(client, "/v2/models/fake/generate", "{\"script\":\"" + script + "\"}");
                    Awaitility.await().until(() -> console.server.requests.size() == asked + 1);
                }
                Awaitility.await().until(() -> console.server.cancelled.get() > before);
            }
        }
    }

    @Test
    void dropsALargeAnswerThatFindsNoRoomAndTellsItsClient() {
        try (RunningConsole console = RunningConsole.start()) {
            WaitingBytes waiting = console.bean(WaitingBytes.class);
            waiting.add(waiting.limitBytes());
            String large = "{\"text_input\":\"" + "x".repeat(100_000) + "\"}";
            for (String path : List.of("/v2/models/fake/generate", "/v2/models/fake/generate_stream")) {
                HttpResponse<String> refused = console.post(path, large);
                assertThat(refused.statusCode()).isEqualTo(503);
                assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
                assertThat(refused.body()).contains("\"error\":", "wait for clients to read them");
                assertThat(console.post(path, "{\"text_input\":\"x\"}").statusCode())
                        .isEqualTo(200);
            }
            Awaitility.await().until(() -> console.bean(RunningExchanges.class).count() == 0);
            assertThat(waiting.heldBytes()).isEqualTo(waiting.limitBytes());
        }
    }
}
