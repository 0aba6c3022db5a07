package dev.purekv.console.kserve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.FakeServer;
import dev.purekv.console.RunningConsole;
import dev.purekv.console.doors.Door;
import dev.purekv.console.exchange.BodyBudget;
import dev.purekv.console.exchange.RequestLimits;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class InferCompressionTest {
    private static final String INFER = "/v2/models/" + FakeServer.MODEL + "/infer";
    private static final byte[] MIRROR = ("{\"parameters\":{\"script\":\"mirror\"},\"inputs\":"
                    + "[{\"name\":\"x\",\"shape\":[3],\"datatype\":\"INT8\",\"data\":[1,2,3]}]}")
            .getBytes(StandardCharsets.UTF_8);
    private static RunningConsole console;

    @BeforeAll
    static void start() {
        console = RunningConsole.start("purekv.http.max-request-bytes=64KB");
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    private static HttpResponse<byte[]> post(String path, byte[] body, String... headers) {
        HttpRequest.Builder request =
                console.request(Door.KSERVE, path).headers(headers).POST(HttpRequest.BodyPublishers.ofByteArray(body));
        return console.send(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @EnumSource(ContentCoding.class)
    void requestsMayBeCompressed(ContentCoding coding) {
        HttpResponse<byte[]> response = post(INFER, coding.encode(MIRROR), "Content-Encoding", coding.word());

        assertThat(text(response)).contains("\"data\":[1,2,3]");
        assertThat(response.headers().firstValue("Content-Encoding")).isEmpty();
    }

    @Test
    void binaryDataMayBeCompressedWithTheirJson() {
        byte[] json = ("{\"parameters\":{\"script\":\"mirror\"},\"inputs\":[{\"name\":\"x\",\"shape\":[3],"
                        + "\"datatype\":\"INT8\",\"parameters\":{\"binary_data_size\":3}}]}")
                .getBytes(StandardCharsets.UTF_8);
        byte[] body = Arrays.copyOf(json, json.length + 3);
        body[json.length] = 9;

        // As in Triton, the length of the JSON is that before compression.
        HttpResponse<byte[]> response = post(
                INFER,
                ContentCoding.GZIP.encode(body),
                "Content-Encoding",
                "gzip",
                "Inference-Header-Content-Length",
                Integer.toString(json.length));

        assertThat(text(response)).contains("\"data\":[9,0,0]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gzip|GZIP",
                "deflate|DEFLATE",
                "deflate, gzip|GZIP",
                "gzip;q=0.2, deflate;q=0.7|DEFLATE",
                "gzip;q=0, deflate;q=0|IDENTITY",
                "br, zstd|IDENTITY",
                "identity|IDENTITY",
                "gzip;q=x|IDENTITY",
                "identity;q=0.5, GZIP;q=0.5|GZIP"
            })
    void answersAreCompressedAsTheClientLikesBest(String accepted, ContentCoding expected) throws IOException {
        HttpResponse<byte[]> response = post(INFER, MIRROR, "Accept-Encoding", accepted);

        assertThat(response.headers().firstValue("Content-Encoding").orElse("identity"))
                .isEqualTo(expected.word());
        ByteArrayInputStream body = new ByteArrayInputStream(response.body());
        try (InputStream plain = switch (expected) {
            case GZIP -> new GZIPInputStream(body);
            case DEFLATE -> new InflaterInputStream(body);
            case IDENTITY -> body;
        }) {
            assertThat(new String(plain.readAllBytes(), StandardCharsets.UTF_8)).contains("\"data\":[1,2,3]");
        }
    }

    @Test
    void errorsAreReadableForEveryClient() {
        HttpResponse<byte[]> response = post(INFER, "{}".getBytes(StandardCharsets.UTF_8), "Accept-Encoding", "gzip");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(text(response)).startsWith("{\"error\":");
    }

    /** 300 MB of zeros in 300 KB is beyond this server's limit of a body; 10 MB in 10 KB passes that. */
    @ParameterizedTest
    @EnumSource(names = {"GZIP", "DEFLATE"})
    void aBodyThatGrowsPastTheLimitIsCutOff(ContentCoding coding) {
        byte[] bomb = coding.encode(new byte[10_000_000]);
        assertThat(bomb.length).isLessThan(64 * 1024);

        HttpResponse<byte[]> response = post(INFER, bomb, "Content-Encoding", coding.word());

        assertThat(response.statusCode()).isEqualTo(413);
        assertThat(text(response)).contains("larger than the allowed 65536 bytes");
        BodyBudget budget = console.bean(RequestLimits.class).bodies();
        Awaitility.await().untilAsserted(() -> assertThat(budget.heldBytes()).isZero());
    }

    @ParameterizedTest
    @EnumSource(names = {"GZIP", "DEFLATE"})
    void brokenCompressionIsNamed(ContentCoding coding) {
        byte[] whole = coding.encode(MIRROR);
        for (byte[] broken : new byte[][] {MIRROR, new byte[0], Arrays.copyOf(whole, whole.length / 2)}) {
            HttpResponse<byte[]> response = post(INFER, broken, "Content-Encoding", coding.word());
            assertThat(response.statusCode()).isEqualTo(400);
            assertThat(text(response)).contains("failed to decompress the request body: expected " + coding.word());
        }
    }

    @Test
    void otherCodingsAndOtherPathsAreRefused() {
        assertThat(text(post(INFER, MIRROR, "Content-Encoding", "br"))).contains("Unsupported content-encoding 'br'");
        assertThat(text(post(INFER, MIRROR, "Content-Encoding", "gzip, gzip")))
                .contains("Unsupported content-encoding");
        HttpResponse<byte[]> generate =
                post("/v2/models/fake/generate", ContentCoding.GZIP.encode(MIRROR), "Content-Encoding", "gzip");
        assertThat(generate.statusCode()).isEqualTo(400);
        assertThat(text(generate)).contains("only 'identity' is supported");
    }
}
