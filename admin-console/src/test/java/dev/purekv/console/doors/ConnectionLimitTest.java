package dev.purekv.console.doors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A connection that is one too many hears so, and its client may come again. */
class ConnectionLimitTest {
    private static Socket connect(RunningConsole console, Door door) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), console.port(door));
        socket.setSoTimeout(60_000);
        return socket;
    }

    private static void get(Socket socket, String path, String... headers) throws IOException {
        String request = "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + String.join("", headers) + "\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    }

    /** The status line's beginning; the rest of the answer may come later. */
    private static String status(Socket socket, String path) throws IOException {
        get(socket, path);
        return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
    }

    /** To the connection's end. */
    private static String wholeAnswer(Socket socket, String path, String... headers) throws IOException {
        get(socket, path, headers);
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({
        "KSERVE, /v2/health/live, purekv.http.max-connections, application/json",
        "KSERVE, /v1/models, purekv.http.max-connections, application/json",
        "METRICS, /metrics, purekv.metrics.max-connections, text/plain",
        "CONSOLE, /login, purekv.console.max-connections, text/plain"
    })
    void aConnectionAboveTheNumberIsToldSoAndClosed(Door door, String path, String setting, String type)
            throws IOException {
        try (RunningConsole console = RunningConsole.start(setting + "=2");
                Socket first = connect(console, door);
                Socket second = connect(console, door)) {
            assertThat(status(first, path)).isEqualTo("HTTP/1.1 200");
            assertThat(status(second, path)).isEqualTo("HTTP/1.1 200");
            try (Socket third = connect(console, door)) {
                assertThat(wholeAnswer(third, path))
                        .startsWith("HTTP/1.1 503")
                        .contains("Retry-After: 1", "Connection: close", type, "all 2 connections", setting);
            }
            first.close();
            Awaitility.await().untilAsserted(() -> {
                try (Socket another = connect(console, door)) {
                    assertThat(status(another, path)).isEqualTo("HTTP/1.1 200");
                }
            });
        }
    }

    @Test
    void oneThatWaitedUntilThereWasRoomIsServed() throws IOException {
        try (RunningConsole console = RunningConsole.start("purekv.http.max-connections=1");
                Socket first = connect(console, Door.KSERVE)) {
            assertThat(status(first, "/v2/health/live")).isEqualTo("HTTP/1.1 200");
            List<Socket> more = new ArrayList<>();
            try {
                for (int i = 0; i < 3; i++) {
                    more.add(connect(console, Door.KSERVE));
                }
                assertThat(wholeAnswer(more.get(0), "/v2/health/live")).startsWith("HTTP/1.1 503");
                first.close();
                Awaitility.await().until(() -> comesAndGoes(console));
                assertThat(status(more.get(1), "/v2/health/live")).isEqualTo("HTTP/1.1 200");
                assertThat(status(more.get(1), "/v2/health/live")).isNotEmpty(); // kept, and not surplus any more
            } finally {
                for (Socket socket : more) {
                    socket.close();
                }
            }
        }
    }

    /** Read to its end: the server closes a connection after it has struck it from those it serves. */
    private static boolean comesAndGoes(RunningConsole console) throws IOException {
        try (Socket socket = connect(console, Door.KSERVE)) {
            return wholeAnswer(socket, "/v2/health/live", "Connection: close\r\n")
                    .startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void connectionsThatOnlyWaitAreBoundedToo() throws IOException {
        try (RunningConsole console = RunningConsole.start("purekv.http.max-connections=1")) {
            List<Socket> all = new ArrayList<>();
            try {
                for (int i = 0; i < 65; i++) {
                    all.add(connect(console, Door.KSERVE));
                }
                assertThat(status(all.get(0), "/v2/health/live")).isEqualTo("HTTP/1.1 200");
                try (Socket above = connect(console, Door.KSERVE)) {
                    assertThat(end(above)).isEqualTo(-1);
                }
                assertThat(wholeAnswer(all.get(64), "/v2/health/live")).startsWith("HTTP/1.1 503");
            } finally {
                for (Socket socket : all) {
                    socket.close();
                }
            }
        }
    }

    private static int end(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read();
        } catch (SocketException reset) {
            return -1;
        }
    }
}
