package dev.purekv.console.doors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.exchange.RequestLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A body that trickles keeps every limit on silence, and meets the one on its whole time. */
class SlowBodyTest {
    private static RunningConsole console;

    @BeforeAll
    static void start() {
        console = RunningConsole.start("purekv.http.body-timeout=1s");
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    private static Socket begin(String path, String headers) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), console.port(Door.KSERVE));
        socket.setSoTimeout(60_000);
        socket.getOutputStream()
                .write(("POST " + path + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /** Sends a byte now and then until the server answers. */
    private static void trickle(Socket socket, String piece) throws IOException, InterruptedException {
        for (int i = 0; i < 1000 && socket.getInputStream().available() == 0; i++) {
            socket.getOutputStream().write(piece.getBytes(StandardCharsets.US_ASCII));
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/v2/models/fake/generate", "/v2/models/fake/infer", "/v2/repository/index", "/v1/completions"})
    void aBodyThatTricklesIsRefusedAndItsConnectionClosed(String path) throws Exception {
        try (Socket client = begin(path, "Content-Length: 100000")) {
            trickle(client, " ");
            String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8); // to the end
            assertThat(answer).startsWith("HTTP/1.1 408").contains("{\"error\":", "purekv.http.body-timeout");
        }
        assertThat(console.bean(RequestLimits.class).bodies().heldBytes()).isZero();
        Awaitility.await().until(() -> console.bean(UnderWay.class).none());
    }

    @Test
    void soIsOneInChunks() throws Exception {
        try (Socket client = begin("/v2/models/fake/generate", "Transfer-Encoding: chunked")) {
            trickle(client, "1\r\n \r\n");
            String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 408");
        }
        assertThat(console.bean(RequestLimits.class).bodies().heldBytes()).isZero();
    }

    @Test
    void theTimeEndsWithTheBody() throws Exception {
        String body = "{\"script\":\"slow 2500\"}";
        try (Socket client = begin("/v2/models/fake/generate", "Content-Length: " + body.length())) {
            client.getOutputStream().write(body.getBytes(StandardCharsets.US_ASCII));
            byte[] head = client.getInputStream().readNBytes(12);
            assertThat(new String(head, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200");
        }
    }
}
