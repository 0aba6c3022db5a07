package dev.purekv.console.doors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A TLS handshake that trickles is never silent for long, and ends all the same. */
class SlowHandshakeTest {
    private static final byte[] HELLO = {22, 3, 1, 2, 0, 1, 0, 1, (byte) 252, 3, 3}; // of 512 bytes, which never come

    @TempDir
    private static Path folder;

    private static RunningConsole console;
    private static SSLContext trusting;

    @BeforeAll
    static void start() throws IOException, InterruptedException, GeneralSecurityException {
        Path store = TestCertificate.write(folder);
        trusting = TestCertificate.trusting(store);
        console = RunningConsole.start(TestCertificate.settings(store, "purekv.http.head-timeout=1s"));
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @ParameterizedTest
    @EnumSource(Door.class)
    void endsAtEveryDoor(Door door) throws Exception {
        assertThat(closedAfter(console.port(door))).isLessThan(Duration.ofSeconds(8));
    }

    /** Netty's own limit, of ten seconds. */
    @Test
    void endsAtTheGrpcDoorToo() throws Exception {
        assertThat(closedAfter(console.grpcPort())).isLessThan(Duration.ofSeconds(20));
    }

    @ParameterizedTest
    @EnumSource(Door.class)
    void aConnectionMayRestAfterItAndItsFirstHeadMayComeInParts(Door door) throws Exception {
        try (SSLSocket client = (SSLSocket)
                trusting.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), console.port(door))) {
            client.startHandshake();
            TimeUnit.MILLISECONDS.sleep(1500);
            send(client, "GET /v2/health/live HTTP/1.1\r\n");
            TimeUnit.MILLISECONDS.sleep(100);
            send(client, "Host: x\r\n\r\n");
            byte[] head = client.getInputStream().readNBytes(12);
            assertThat(new String(head, StandardCharsets.US_ASCII)).matches("HTTP/1.1 (200|302|404)");
        }
    }

    private static void send(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Sends a byte now and then until the server closes. */
    private static Duration closedAfter(int port) throws IOException, InterruptedException {
        long start = System.nanoTime();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.setSoTimeout(50);
            client.getOutputStream().write(HELLO);
            while (System.nanoTime() - start < Duration.ofSeconds(25).toNanos()) {
                client.getOutputStream().write(0);
                if (ended(client)) {
                    break;
                }
            }
        } catch (SocketException closed) {
            // As it should be.
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static boolean ended(Socket client) throws IOException {
        try {
            return client.getInputStream().read() < 0;
        } catch (SocketTimeoutException stillOpen) {
            return false;
        }
    }
}
