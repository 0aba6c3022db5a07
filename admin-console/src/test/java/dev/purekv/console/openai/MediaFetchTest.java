package dev.purekv.console.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.purekv.console.FakeTalker;
import dev.purekv.console.RunningConsole;
import dev.purekv.console.exchange.RequestLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MediaFetchTest {
    private static final ExecutorService THREADS = Executors.newCachedThreadPool();
    private static HttpServer files;
    private static RunningConsole console;

    @BeforeAll
    static void start() throws IOException {
        files = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        files.setExecutor(THREADS);
        files.createContext("/", MediaFetchTest::serve);
        files.start();
        console = RunningConsole.start(
                "purekv.media.allowed-hosts=127.0.0.1,*.invalid",
                "purekv.media.max-bytes=1000B",
                "purekv.media.timeout=2s");
    }

    @AfterAll
    static void stop() {
        console.close();
        files.stop(0);
        THREADS.shutdownNow();
    }

    private static void serve(HttpExchange exchange) throws IOException {
        switch (exchange.getRequestURI().getPath()) {
            case "/picture" -> send(exchange, 200, new byte[] {1, 2, 3});
            case "/large" -> send(exchange, 200, new byte[1001]);
            case "/hop" -> redirect(exchange, "/picture");
            case "/off" ->
                redirect(exchange, "http://localhost:" + files.getAddress().getPort() + "/picture");
            case "/round" -> redirect(exchange, "/round");
            case "/file" -> redirect(exchange, "file:///etc/passwd");
            case "/slow" -> drip(exchange);
            default -> send(exchange, 404, new byte[0]);
        }
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static void redirect(HttpExchange exchange, String to) throws IOException {
        exchange.getResponseHeaders().add("Location", to);
        send(exchange, 302, new byte[0]);
    }

    /** A byte every while, so that no single read waits long. */
    private static void drip(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 500);
        try {
            for (int i = 0; i < 500; i++) {
                exchange.getResponseBody().write(1);
                exchange.getResponseBody().flush();
                Thread.sleep(100);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static HttpResponse<String> ask(String address) {
        return console.post(
                "/v1/chat/completions",
                "{\"model\":\"talker\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\","
                        + "\"image_url\":{\"url\":\""
                        + address.replace(
                                "PORT", Integer.toString(files.getAddress().getPort())) + "\"}}]}]}");
    }

    @ParameterizedTest
    @CsvSource({"http://127.0.0.1:PORT/picture", "http://127.0.0.1:PORT/hop"})
    void putsAFetchedFileIntoTheMessages(String address) {
        console.server.requests.clear();

        assertThat(ask(address).statusCode()).isEqualTo(200);

        assertThat(FakeTalker.text(console.server.requests.remove(), "messages"))
                .contains("{\"url\":\"data:application/octet-stream;base64,AQID\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "http://localhost:PORT/picture             | not among purekv.media.allowed-hosts",
                "http://2130706433:PORT/picture            | not among purekv.media.allowed-hosts",
                "http://[::1]:PORT/picture                 | not among purekv.media.allowed-hosts",
                "http://10.0.0.1/picture                   | not among purekv.media.allowed-hosts",
                "http://example.com/picture                | not among purekv.media.allowed-hosts",
                "http://x.invalid/picture                  | x.invalid",
                "http://127.0.0.1:PORT/off                 | not among purekv.media.allowed-hosts",
                "http://127.0.0.1:PORT/round               | redirect",
                "http://127.0.0.1:PORT/file                | file",
                "http://127.0.0.1:PORT/absent              | answered 404",
                "http://127.0.0.1:PORT/large               | larger than the allowed 1000B",
                "http://127.0.0.1:PORT/slow                | longer than PT2S",
                "http://u:p@127.0.0.1:PORT/picture         | without a user's name",
                "http://                                   | must read http(s)://host/path",
            })
    void refusesWhatIsNotListedOrTakesTooMuch(String address, String why) {
        HttpResponse<String> response = ask(address);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains(why).contains("\"param\":\"messages[0].content[0].image_url.url\"");
    }

    @Test
    void letsGoOfTheBudgetAfterAFailedFetch() {
        ask("http://127.0.0.1:PORT/large");

        Awaitility.await()
                .until(() -> console.bean(RequestLimits.class).bodies().heldBytes() == 0);
    }

    @Test
    void fetchesNothingUnlessTheOperatorListsHosts() {
        try (RunningConsole closed = RunningConsole.start()) {
            HttpResponse<String> response = closed.post(
                    "/v1/chat/completions",
                    "{\"model\":\"talker\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"video_url\","
                            + "\"video_url\":{\"url\":\"https://127.0.0.1/v\"}}]}]}");
            assertThat(response.statusCode()).isEqualTo(400);
            assertThat(response.body()).contains("purekv.media.allowed-hosts");
        }
    }
}
