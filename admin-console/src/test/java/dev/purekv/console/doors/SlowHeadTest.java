package dev.purekv.console.doors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lines and headers that trickle keep every limit on silence, and meet the one on their whole time. */
class SlowHeadTest {
    private static RunningConsole console;

    @BeforeAll
    static void start() {
        console = RunningConsole.start("purekv.http.head-timeout=1s");
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    private static Socket connect(Door door) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), console.port(door));
        socket.setSoTimeout(60_000);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Sends a byte now and then until the server answers. */
    private static String trickle(Socket socket) throws IOException, InterruptedException {
        for (int i = 0; i < 1000 && socket.getInputStream().available() == 0; i++) {
            send(socket, "x");
            TimeUnit.MILLISECONDS.sleep(50);
        }
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8); // to the end
    }

    @ParameterizedTest
    @EnumSource(Door.class)
    void headersThatTrickleAreRefusedAndTheirConnectionClosed(Door door) throws Exception {
        try (Socket client = connect(door)) {
            send(client, "GET /v2 HTTP/1.1\r\nHost: x\r\nX-Long: ");
            assertThat(trickle(client)).startsWith("HTTP/1.1 408").contains("{\"error\":", "purekv.http.head-timeout");
        }
    }

    @ParameterizedTest
    @EnumSource(Door.class)
    void soIsALineThatTrickles(Door door) throws Exception {
        try (Socket client = connect(door)) {
            send(client, "GET /");
            assertThat(trickle(client)).startsWith("HTTP/1.1 408");
        }
    }

    @Test
    void soIsTheHeadOfAFurtherRequest() throws Exception {
        try (Socket client = connect(Door.KSERVE)) {
            ask(client);
            send(client, "GET /v2");
            assertThat(trickle(client)).startsWith("HTTP/1.1 408");
        }
    }

    private static void ask(Socket client) throws IOException {
        send(client, "GET /v2/health/live HTTP/1.1\r\nHost: x\r\n\r\n");
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int next = client.getInputStream().read();
            if (next < 0) {
                throw new SocketException("closed after " + head);
            }
            head.append((char) next);
        }
        assertThat(head).startsWith("HTTP/1.1 200");
    }

    @Test
    void aConnectionMayRestBetweenRequestsAndItsAnswersAndBodiesTakeTheirTime() throws Exception {
        try (Socket client = connect(Door.KSERVE)) {
            for (int i = 0; i < 3; i++) {
                ask(client);
                TimeUnit.MILLISECONDS.sleep(700); // together longer than a head may take
            }
            String body = "{\"script\":\"slow 1200\"}";
            send(client, "POST /v2/models/fake/generate HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length());
            send(client, "\r\n\r\n");
            for (char each : body.toCharArray()) {
                send(client, Character.toString(each));
                TimeUnit.MILLISECONDS.sleep(70);
            }
            byte[] head = client.getInputStream().readNBytes(12);
            assertThat(new String(head, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200");
        }
        Awaitility.await().until(() -> console.bean(UnderWay.class).none());
    }
}
