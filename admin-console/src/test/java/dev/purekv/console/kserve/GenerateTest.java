package dev.purekv.console.kserve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.FakeServer;
import dev.purekv.console.RunningConsole;
import dev.purekv.console.doors.Door;
import dev.purekv.console.exchange.BodyBudget;
import dev.purekv.console.exchange.RequestLimits;
import dev.purekv.server.InferenceRequest;
import dev.purekv.server.ServerException;
import dev.purekv.server.TensorData;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GenerateTest {
    private static final String GENERATE = "/v2/models/" + FakeServer.MODEL + "/generate";
    private static final String TAIL = "\"model_name\":\"fake\",\"model_version\":\"1\",\"ratio\":0.5,";
    private static RunningConsole console;

    @BeforeAll
    static void start() {
        console = RunningConsole.start("purekv.http.max-request-bytes=64KB");
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @BeforeEach
    void forget() {
        console.server.requests.clear();
    }

    @Test
    void answersWithOneFlatObject() {
        HttpResponse<String> response =
                console.post(GENERATE, "{\"id\":\"7\",\"text_input\":\"gr\u00fc\u00df \ud83d\ude00\"}");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(response.body())
                .isEqualTo("{\"id\":\"7\"," + TAIL + "\"text_output\":\"gr\u00fc\u00df \ud83d\ude00\",\"tokens\":3}");
    }

    @Test
    void writesEveryDatatypeAndUnwrapsSingleElements() {
        HttpResponse<String> response = console.post(GENERATE, "{\"script\":\"everything\"}");

        assertThat(response.body())
                .isEqualTo("{\"bool\":[false,true],\"f32\":[0.10000000149011612,null],\"f64\":0.1,\"i16\":-2,\"i8\":-1,"
                        + "\"model_name\":\"fake\",\"model_version\":\"1\",\"none\":[],\"ratio\":0.5,\"tokens\":3,"
                        + "\"u32\":4294967295,\"u64\":18446744073709551615,\"u8\":255}");
    }

    @Test
    void turnsInputsIntoTensors() {
        console.post(
                "/v2/models/fake/versions/1/generate",
                "{\"text_input\":[\"a\"],\"video\":[\"bc\",\"\"],\"stream\":true,\"ints\":[1,-2,3,4],\"float\":1.5,"
                        + "\"byte\":255,\"long\":18446744073709551615,\"double\":1e3}");

        InferenceRequest request = console.server.requests.remove();
        assertThat(request.version()).isEqualTo("1");
        assertTensor(request, "text_input", "BYTES", new long[] {1}, 1, 0, 0, 0, 'a');
        assertTensor(request, "video", "BYTES", new long[] {2}, 2, 0, 0, 0, 'b', 'c', 0, 0, 0, 0);
        assertTensor(request, "stream", "BOOL", new long[] {1}, 1);
        assertTensor(request, "ints", "INT32", new long[] {2, 2}, 1, 0, 0, 0, -2, -1, -1, -1, 3, 0, 0, 0, 4, 0, 0, 0);
        assertTensor(request, "float", "FP32", new long[] {1}, 0, 0, 0xc0, 0x3f);
        assertTensor(request, "byte", "UINT8", new long[] {1}, 255);
        assertTensor(request, "long", "UINT64", new long[] {1}, -1, -1, -1, -1, -1, -1, -1, -1);
        assertTensor(request, "double", "FP64", new long[] {1}, 0, 0, 0, 0, 0, 0x40, 0x8f, 0x40);
    }

    @Test
    void turnsOtherKeysIntoParametersAndReadsNestedOnes() {
        console.post(
                GENERATE,
                "{\"text_input\":\"a\",\"s\":\"x\",\"i\":-5,\"parameters\":{\"d\":0.25,\"b\":false,\"stream\":true,"
                        + "\"large\":99999999999999999999}}");

        InferenceRequest request = console.server.requests.remove();
        assertThat(request.parameters())
                .containsOnly(
                        Map.entry("s", "x"),
                        Map.entry("i", -5L),
                        Map.entry("d", 0.25),
                        Map.entry("b", false),
                        Map.entry("large", 1e20));
        assertThat(request.inputs()).extracting(TensorData::name).containsExactly("text_input", "stream");
    }

    @Test
    void letsTheServerJudgeAnEmptyBody() {
        assertThat(console.post(GENERATE, "").statusCode()).isEqualTo(200);
        assertThat(console.server.requests.remove().inputs()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"three", "flags only"})
    void wantsExactlyOneResponse(String script) {
        HttpResponse<String> response = console.post(GENERATE, "{\"script\":\"" + script + "\"}");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("generate expects model to produce exactly 1 response");
    }

    @Test
    void takesAFinalFlagAfterTheOneResponse() {
        HttpResponse<String> response = console.post(GENERATE, "{\"script\":\"one then flags\"}");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).contains("\"text_output\":\"one\"");
    }

    @Test
    void stopsAModelThatAnswersMoreThanOnce() {
        int before = console.server.cancelled.get();

        assertThat(console.post(GENERATE, "{\"script\":\"forever 1 5\"}").statusCode())
                .isEqualTo(400);
        assertThat(console.server.cancelled.get()).isGreaterThan(before);
    }

    @ParameterizedTest
    @EnumSource(ServerException.Status.class)
    void mapsTheServersRefusals(ServerException.Status status) {
        int expected = switch (status) {
            case INTERNAL -> 500;
            case NOT_FOUND -> 404;
            case UNAVAILABLE -> 503;
            case UNSUPPORTED -> 501;
            default -> 400;
        };
        HttpResponse<String> response = console.post(GENERATE, "{\"script\":\"refuse " + status + "\"}");

        assertThat(response.statusCode()).isEqualTo(expected);
        assertThat(response.headers().firstValue("Retry-After").isPresent()).isEqualTo(expected == 503);
        assertThat(response.body()).isEqualTo("{\"error\":\"refused as asked\"}");
    }

    @Test
    void priorityAndTimeoutAreTheServersOwn() {
        console.post(GENERATE, "{\"text_input\":\"a\",\"priority\":1,\"parameters\":{\"timeout\":2500000}}");
        InferenceRequest seen = console.server.requests.remove();
        assertThat(seen.scheduling().priority()).isEqualTo(1);
        assertThat(seen.scheduling().timeoutMicros()).isEqualTo(2_500_000);
        assertThat(seen.parameters()).isEmpty();
        for (String wrong : new String[] {"\"priority\":-1", "\"timeout\":1.5", "\"timeout\":\"soon\""}) {
            HttpResponse<String> refused = console.post(GENERATE, "{" + wrong + "}");
            assertThat(refused.statusCode()).as(wrong).isEqualTo(400);
            assertThat(refused.body()).contains("whole number");
        }
    }

    @Test
    void givesAFailedResponseItsStatus() {
        HttpResponse<String> response = console.post(GENERATE, "{\"script\":\"fails\"}");

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("Retry-After")).hasValue("1");
        assertThat(response.body()).isEqualTo("{\"error\":\"no room\"}");
    }

    @Test
    void reportsOutputsThatContradictTheirShape() {
        HttpResponse<String> response = console.post(GENERATE, "{\"script\":\"wrong size\"}");

        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.body()).contains("output tensor shape does not match size of output for 'n'");
    }

    @Test
    void answersForAnUnknownModel() {
        assertThat(console.post("/v2/models/other/generate", "{}").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"p\":[1]}                           | parameter 'p' has invalid type. It should be either 'int', 'bool', or 'string'.",
                "{\"p\":{}}                            | parameter 'p' has invalid type",
                "{\"p\":null}                          | parameter 'p' has invalid type",
                "{\"p\":1e999}                         | too large for a double",
                "{\"parameters\":{\"parameters\":{}}}  | parameter 'parameters' has invalid type",
                "{\"parameters\":3}                    | Expected JSON object for keyword: 'parameters'",
                "{\"p\":1,\"parameters\":{\"p\":2}}    | parameter 'p' is given twice",
                "{\"p\":1,\"p\":2}                     | Duplicate",
                "{\"text_input\":\"a\",\"parameters\":{\"text_input\":\"b\"}} | input 'text_input' is given twice",
                "{\"id\":3}                            | Unable to parse 'id'",
                "{\"text_input\":3}                    | expected a string",
                "{\"text_input\":null}                 | expected a string",
                "{\"text_input\":[\"a\",\"b\"]}        | can not convert input 'text_input' to tensor with proper shape",
                "{\"text_input\":[]}                   | can not convert input 'text_input' to tensor with proper shape",
                "{\"text_input\":\"\\ud83d\"}          | surrogate",
                "{\"text_input\":\"\\ude00\"}          | surrogate",
                "{\"ints\":[[1,2]]}                    | expected a whole number",
                "{\"ints\":[1,2,3]}                    | can not convert input 'ints'",
                "{\"ints\":[1,2147483648]}             | range of INT32",
                "{\"ints\":[1,1.5]}                    | expected a whole number",
                "{\"byte\":256}                        | range of UINT8",
                "{\"byte\":-1}                         | range of UINT8",
                "{\"float\":1e39}                      | range of FP32",
                "{\"half\":1}                          | sending FP16 data via JSON is not supported",
                "{\"stream\":1}                        | expected true or false",
                "{\"double\":NaN}                      | parse",
                "[]                                    | expected an object, got an array",
                "3                                     | expected an object, got a number",
                "{} {}                                 | followed by more",
                "{\"text_input\":\"a                   | parse",
                "{\"text_input\"                       | parse",
                "{'a':1}                               | parse",
            })
    void refusesWhatIsNoGenerateRequest(String body, String message) {
        HttpResponse<String> response = console.post(GENERATE, body);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body())
                .startsWith("{\"error\":\"")
                .contains(message)
                .doesNotContain("\\n");
        assertThat(console.server.requests).isEmpty();
    }

    @Test
    void refusesDepthBombs() {
        assertRefused("[".repeat(30_000).getBytes(StandardCharsets.US_ASCII));
        assertRefused(("{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000)).getBytes(StandardCharsets.US_ASCII));
        assertRefused(("{\"text_input\":" + "[".repeat(30_000)).getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void refusesNumbersAndNamesWithoutEnd() {
        assertRefused(("{\"ints\":[" + "9".repeat(50_000) + "]}").getBytes(StandardCharsets.US_ASCII));
        assertRefused(("{\"p\":" + "9".repeat(50_000) + "}").getBytes(StandardCharsets.US_ASCII));
        assertRefused(("{\"" + "n".repeat(50_000) + "\":1}").getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void refusesBytesThatAreNoText() {
        assertRefused(new byte[] {'{', '"', 'p', '"', ':', '"', (byte) 0xff, (byte) 0xfe, '"', '}'});
        assertRefused(new byte[] {(byte) 0xc3, 0x28});
        assertRefused(new byte[] {0, 0, 0, 1, 2, 3});
        assertRefused(new byte[1000]);
    }

    @Test
    void toleratesAnyContentTypeAsTritonDoes() {
        for (String type : new String[] {
            "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "nonsense"
        }) {
            HttpResponse<String> response = console.send(console.request(Door.KSERVE, GENERATE)
                    .header("Content-Type", type)
                    .POST(BodyPublishers.ofString("{\"text_input\":\"a\"}")));
            assertThat(response.statusCode()).as(type).isEqualTo(200);
        }
    }

    @Test
    void refusesCompressedBodies() {
        HttpResponse<String> response = console.send(console.request(Door.KSERVE, GENERATE)
                .header("Content-Encoding", "gzip")
                .POST(BodyPublishers.ofString("{}")));

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("Unsupported content-encoding");
    }

    @Test
    void forgetsEveryBodyOnceItIsAnswered() {
        console.post(GENERATE, "{\"text_input\":\"a\"}");
        console.post(GENERATE, "[");
        console.post(GENERATE, "x".repeat(70_000));

        BodyBudget bodies = console.bean(RequestLimits.class).bodies();
        Awaitility.await().until(() -> bodies.heldBytes() == 0);
    }

    @Test
    void aBodyCountsUntilItsInferenceHasEnded() throws IOException {
        BodyBudget bodies = console.bean(RequestLimits.class).bodies();
        try (Socket client = new Socket("127.0.0.1", console.port(Door.KSERVE))) {
            byte[] body = ("{\"script\":\"forever 0 50\",\"text_input\":\"" + "x".repeat(9_000) + "\"}")
                    .getBytes(StandardCharsets.US_ASCII);
            client.getOutputStream()
                    .write(("POST " + GENERATE + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            client.getOutputStream().write(body);
            Awaitility.await()
                    .until(() -> console.server.requests.stream()
                            .anyMatch(request -> request.parameters().containsValue("forever 0 50")));
            assertThat(bodies.heldBytes()).isEqualTo(body.length);
        }
        console.server.requests.clear();
        Awaitility.await().until(() -> bodies.heldBytes() == 0);
    }

    @Test
    void refusesBodiesPastTheLimitWithOrWithoutALength() {
        byte[] large = ("{\"text_input\":\"" + "x".repeat(70_000) + "\"}").getBytes(StandardCharsets.US_ASCII);

        for (var body : new BodyPublisher[] {
            BodyPublishers.ofByteArray(large), BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large))
        }) {
            HttpResponse<String> response =
                    console.send(console.request(Door.KSERVE, GENERATE).POST(body));
            assertThat(response.statusCode()).isEqualTo(413);
            assertThat(response.body()).contains("65536 bytes").contains("purekv.http.max-request-bytes");
        }
        assertThat(console.server.requests).isEmpty();
    }

    private static void assertRefused(byte[] body) {
        HttpResponse<String> response =
                console.send(console.request(Door.KSERVE, GENERATE).POST(BodyPublishers.ofByteArray(body)));
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).startsWith("{\"error\":\"");
    }

    private static void assertTensor(
            InferenceRequest request, String name, String datatype, long[] shape, int... bytes) {
        TensorData tensor = request.inputs().stream()
                .filter(input -> input.name().equals(name))
                .findFirst()
                .orElseThrow();
        byte[] expected = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            expected[i] = (byte) bytes[i];
        }
        assertThat(tensor.datatype()).isEqualTo(datatype);
        assertThat(tensor.shape()).isEqualTo(shape);
        assertThat(tensor.data()).isEqualTo(expected);
    }
}
