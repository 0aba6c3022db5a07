package dev.purekv.console.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.purekv.ServingException;
import dev.purekv.console.RunningConsole;
import dev.purekv.console.doors.Door;
import dev.purekv.server.ServerException;
import dev.purekv.server.ServerException.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** What becomes of a call to servers of all kinds, each of them a real one. */
class RemoteTritonTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static RemoteTriton at(String address, String key) {
        return new RemoteTriton(HttpClient.newHttpClient(), JSON, Address.parse(address), key);
    }

    private static HttpServer answering(int status, String body, String... header) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            if (header.length > 0) {
                exchange.getResponseHeaders().set(header[0], header[1]);
            }
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static String of(HttpServer server) {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Test
    void speaksToATritonAsItsClientsDo() {
        try (RunningConsole console = RunningConsole.start()) {
            RemoteTriton remote = at("http://127.0.0.1:" + console.port(Door.KSERVE) + "/", "");

            Sight sight = Sight.of(remote, JSON, Instant.EPOCH);
            remote.load("fake", Map.of("config", "{\"backend\":\"purekv\",\"parameters\":{}}"));
            remote.unload("fake", false);

            assertThat(sight.word()).isEqualTo("ready");
            assertThat(sight.version()).isEqualTo("2.51.0");
            assertThat(sight.models())
                    .extracting(Sight.Seen::name, Sight.Seen::stateWord, Sight.Seen::reason)
                    .contains(
                            org.assertj.core.groups.Tuple.tuple("fake", "ready", ""),
                            org.assertj.core.groups.Tuple.tuple("<b>odd</b>", "unavailable", "no weights"));
            assertThat(remote.modelConfig("fake", "")).contains("\"parameters\":{}");
            assertThat(console.server.control)
                    .containsExactly("load fake {\"backend\":\"purekv\",\"parameters\":{}} ", "unload fake false");
            assertThatThrownBy(() -> remote.modelConfig("no/such", ""))
                    .isInstanceOf(ServerException.class)
                    .hasMessageContaining("invalid model name");
            assertThatThrownBy(() -> at("https://127.0.0.1:" + console.port(Door.KSERVE), "")
                            .metadata())
                    .hasMessageContaining("the encrypted connection failed");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "401,'','it wants an API key (401)'",
        "401,secret,'it does not know the key that it was sent (401)'",
        "403,secret,'needs the scopes metadata and repository'",
        "404,'','it answered 404, and not as a Triton does'",
        "503,'','it answered 503'"
    })
    void saysWhatMendsARefusalAndRepeatsNothingThatIsNotTritons(int status, String key, String words)
            throws IOException {
        HttpServer server = answering(status, "<html>internal page</html>");
        try {
            assertThatThrownBy(() -> at(of(server), key).metadata())
                    .isInstanceOf(ServerException.class)
                    .hasMessageContaining(words)
                    .hasMessageNotContaining("internal page")
                    .hasMessageNotContaining("secret");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void followsNoRedirect() throws IOException {
        AtomicInteger followed = new AtomicInteger();
        HttpServer other = answering(200, "{}");
        other.removeContext("/");
        other.createContext("/", exchange -> {
            followed.incrementAndGet();
            exchange.close();
        });
        HttpServer server = answering(302, "", "Location", of(other) + "/v2");
        try {
            assertThatThrownBy(() -> at(of(server), "secret").metadata())
                    .hasMessageContaining("which is not followed: register the final address");
            assertThat(followed).hasValue(0);
        } finally {
            server.stop(0);
            other.stop(0);
        }
    }

    @Test
    void tellsOtherServersFromTritons() throws IOException {
        HttpServer server = answering(200, "<html>a printer</html>");
        try {
            assertThatThrownBy(() -> at(of(server), "").metadata())
                    .hasMessageContaining("it is no Triton's HTTP interface")
                    .hasMessageNotContaining("printer");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void readsNoAnswerWithoutEnd() throws IOException {
        HttpServer server = answering(200, "x".repeat((8 << 20) + 1));
        try {
            assertThatThrownBy(() -> at(of(server), "").metadata())
                    .isInstanceOfSatisfying(
                            ServerException.class, e -> assertThat(e.status()).isEqualTo(Status.UNAVAILABLE));
        } finally {
            server.stop(0);
        }
    }

    @Test
    void saysWhyThereIsNoConnection() throws IOException {
        int closed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        assertThatThrownBy(() -> at("http://127.0.0.1:" + closed, "").metadata())
                .hasMessageContaining("127.0.0.1:" + closed + ": the connection was refused");
        assertThatThrownBy(() -> at("http://nowhere.invalid:8000", "").metadata())
                .hasMessageContaining("no address is known for this name");
    }

    @Test
    void waitsForNoServerThatKeepsSilent() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() ->
                            at("http://127.0.0.1:" + silent.getLocalPort(), "").metadata())
                    .hasMessageContaining("connected, but it did not answer within 5 s");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "8000",
                "host:8000",
                "ftp://host",
                "file:///etc/passwd",
                "http://",
                "http:///v2",
                "http://host:99999",
                "http://me:secret@host",
                "http://host?x=1",
                "http://host#x",
                "http://ho st",
                "http://host\r\nX: y",
                "jar:http://host!/"
            })
    void takesNoAddressThatIsNone(String address) {
        assertThatThrownBy(() -> Address.parse(address))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining("expected http(s)://host:port");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://host", "https://host:8443/tritons/a", "http://[::1]:8000", "HTTP://10.0.0.1:8000"})
    void takesAddresses(String address) {
        assertThat(Address.parse(" " + address + "/ ").text()).isEqualTo(address);
    }
}
