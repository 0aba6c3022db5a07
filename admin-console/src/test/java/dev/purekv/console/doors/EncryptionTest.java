package dev.purekv.console.doors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EncryptionTest {
    @TempDir
    private static Path folder;

    private static RunningConsole console;
    private static SSLContext trusting;
    private static X509Certificate certificate;

    @BeforeAll
    static void start() throws IOException, InterruptedException, GeneralSecurityException {
        Path store = TestCertificate.write(folder);
        trusting = TestCertificate.trusting(store);
        certificate = TestCertificate.read(store);
        console = RunningConsole.start(TestCertificate.settings(store));
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @ParameterizedTest
    @CsvSource({"KSERVE, /v2/health/live, 200", "METRICS, /metrics, 200", "CONSOLE, /, 302"})
    void encryptsEveryDoor(Door door, String path, int status) throws IOException, InterruptedException {
        HttpClient client = HttpClient.newBuilder().sslContext(trusting).build();
        URI uri = URI.create("https://127.0.0.1:" + console.port(door) + path);

        assertThat(client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(status);
        assertThat(console.get(door, path).statusCode()).isEqualTo(400); // in the open: Tomcat says what is wanted
    }

    @Test
    void encryptsTheGrpcDoor() throws SSLException {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", console.grpcPort())
                .sslContext(
                        GrpcSslContexts.forClient().trustManager(certificate).build())
                .build();
        try {
            assertThat(HealthGrpc.newBlockingStub(channel)
                            .check(HealthCheckRequest.getDefaultInstance())
                            .getStatus())
                    .isEqualTo(ServingStatus.SERVING);
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void cancelsWhenAClientLeavesAnEncryptedConnection() throws IOException {
        String body = "{\"script\":\"forever 0 20\"}";
        int before = console.server.cancelled.get();
        Socket client =
                trusting.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), console.port(Door.KSERVE));
        String head =
                "POST /v2/models/fake/generate HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length() + "\r\n\r\n";
        client.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
        Awaitility.await().until(() -> !console.server.requests.isEmpty());

        client.close();

        Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> console.server.cancelled.get() > before);
    }
}
