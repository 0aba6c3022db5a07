package dev.purekv.console.kserve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.FakeServer;
import dev.purekv.console.RunningConsole;
import dev.purekv.console.doors.Door;
import dev.purekv.server.InferenceRequest;
import dev.purekv.server.RequestedOutput;
import dev.purekv.server.Scheduling;
import dev.purekv.server.TensorData;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The tensor protocol: JSON, binary data and what is between; the server behind it mirrors inputs. */
class InferTest {
    private static final String INFER = "/v2/models/" + FakeServer.MODEL + "/infer";
    private static final String MIRROR = "\"parameters\":{\"script\":\"mirror\"}";
    private static final JsonMapper JSON = JsonMapper.builder().build();
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

    /** @param headers name, value, name, value */
    private static HttpResponse<byte[]> post(String path, byte[] body, String... headers) {
        HttpRequest.Builder request =
                console.request(Door.KSERVE, path).POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return console.send(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    /** JSON and binary data after it. */
    private static HttpResponse<byte[]> withData(String json, byte[] data) {
        byte[] head = json.getBytes(StandardCharsets.UTF_8);
        return post(INFER, joined(head, data), "Inference-Header-Content-Length", Integer.toString(head.length));
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    private static byte[] floats(float... values) {
        ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            data.putFloat(value);
        }
        return data.array();
    }

    private static String input(String datatype, String shape, String rest) {
        return "{\"name\":\"x\",\"datatype\":\"" + datatype + "\",\"shape\":" + shape + "," + rest + "}";
    }

    @Test
    void answersInTritonsShape() {
        HttpResponse<String> response = console.post(
                INFER,
                "{\"id\":\"7\"," + MIRROR + ",\"inputs\":[" + input("FP32", "[2,2]", "\"data\":[1,2.5,-3,1e3]") + "]}");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(response.body())
                .isEqualTo("{\"id\":\"7\",\"model_name\":\"fake\",\"model_version\":\"1\","
                        + "\"parameters\":{\"ratio\":0.5,\"tokens\":3},\"outputs\":[{\"name\":\"x\",\"datatype\":\"FP32\","
                        + "\"shape\":[2,2],\"data\":[1.0,2.5,-3.0,1000.0]}]}");
        InferenceRequest request = console.server.requests.remove();
        assertThat(request.id()).isEqualTo("7");
        assertThat(request.parameters()).isEqualTo(Map.of("script", "mirror"));
        assertThat(request.scheduling()).isEqualTo(Scheduling.NONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "BOOL|[3]|[true,false,true]",
                "INT8|[2]|[-128,127]",
                "UINT8|[2]|[0,255]",
                "INT16|[2]|[-32768,32767]",
                "UINT16|[1]|[65535]",
                "INT32|[1,1]|[-2147483648]",
                "UINT32|[1]|[4294967295]",
                "INT64|[2]|[-9223372036854775808,9223372036854775807]",
                "UINT64|[1]|[18446744073709551615]",
                "FP32|[2]|[0.5,-1.25]",
                "FP64|[2]|[0.1,1.0E300]",
                "BYTES|[3]|[\"\",\"gr\u00fc\u00df\",\"{}\"]",
                "FP32|[0]|[]",
                "FP32|[]|[2.0]"
            })
    void carriesEveryDatatypeThatJsonCan(String datatype, String shape, String data) {
        HttpResponse<String> response =
                console.post(INFER, "{" + MIRROR + ",\"inputs\":[" + input(datatype, shape, "\"data\":" + data) + "]}");

        assertThat(response.body()).contains("\"shape\":" + shape + ",\"data\":" + data + "}");
    }

    @Test
    void readsElementsThatComeBeforeTheirDatatypeAndNestedOnes() {
        console.post(
                INFER,
                "{\"inputs\":[{\"data\":[[1,2],[3,4]],\"shape\":[2,2],\"name\":\"x\",\"datatype\":\"INT8\"}],\"more\":{\"inputs\":1}}");

        TensorData input = console.server.requests.remove().inputs().get(0);
        assertThat(input.data()).containsExactly(1, 2, 3, 4);
        assertThat(input.shape()).containsExactly(2, 2);
    }

    @Test
    void binaryDataGoBothWaysInTheOrderOfTheTensors() {
        byte[] halves = {0, 0x3c, 0, 0x40};
        byte[] texts = {1, 0, 0, 0, 'a', 0, 0, 0, 0};
        String json = "{\"parameters\":{\"script\":\"mirror\",\"binary_data_output\":true},\"inputs\":["
                + "{\"name\":\"half\",\"shape\":[2],\"datatype\":\"FP16\",\"parameters\":{\"binary_data_size\":4}},"
                + "{\"name\":\"plain\",\"shape\":[1],\"datatype\":\"INT32\",\"data\":[5]},"
                + "{\"name\":\"texts\",\"shape\":[2],\"datatype\":\"BYTES\",\"parameters\":{\"binary_data_size\":9}}],"
                + "\"outputs\":[{\"name\":\"half\"},{\"name\":\"plain\",\"parameters\":{\"binary_data\":false}},"
                + "{\"name\":\"texts\",\"parameters\":{\"binary_data\":true}}]}";

        HttpResponse<byte[]> response = withData(json, joined(halves, texts));

        assertThat(response.statusCode()).as(text(response)).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/octet-stream");
        assertThat(response.headers().firstValueAsLong("Content-Length")).hasValue(response.body().length);
        int head = (int) response.headers()
                .firstValueAsLong("Inference-Header-Content-Length")
                .orElseThrow();
        assertThat(Arrays.copyOfRange(response.body(), head, response.body().length))
                .isEqualTo(joined(halves, texts));
        JsonNode outputs = JSON.readTree(Arrays.copyOf(response.body(), head)).path("outputs");
        assertThat(outputs.toString())
                .isEqualTo(
                        "[{\"name\":\"half\",\"datatype\":\"FP16\",\"shape\":[2],\"parameters\":{\"binary_data_size\":4}},"
                                + "{\"name\":\"plain\",\"datatype\":\"INT32\",\"shape\":[1],\"data\":[5]},"
                                + "{\"name\":\"texts\",\"datatype\":\"BYTES\",\"shape\":[2],\"parameters\":{\"binary_data_size\":9}}]");
        assertThat(console.server.requests.remove().parameters()).containsOnlyKeys("script");
    }

    @ParameterizedTest
    @ValueSource(strings = {"FP16", "BF16"})
    void halfPrecisionIsBinaryOnly(String datatype) {
        String refused = "sending " + datatype + " data via JSON is not supported";
        HttpResponse<String> in =
                console.post(INFER, "{\"inputs\":[" + input(datatype, "[1]", "\"data\":[1.0]") + "]}");
        assertThat(in.statusCode()).isEqualTo(400);
        assertThat(in.body()).contains(refused);
        HttpResponse<byte[]> out = withData(
                "{" + MIRROR + ",\"inputs\":[" + input(datatype, "[1]", "\"parameters\":{\"binary_data_size\":2}")
                        + "]}",
                new byte[] {0, 0x3c});
        assertThat(out.statusCode()).isEqualTo(400);
        assertThat(text(out)).contains(refused).startsWith("{\"error\":\"");
        assertThat(out.headers().firstValue("Content-Type")).hasValue("application/json");
    }

    @Test
    void rawDataAreTheOnlyInputAndTheAnswerIsBinary() {
        HttpResponse<byte[]> response =
                post("/v2/models/fake/versions/3/infer", floats(1, 2, 3, 4), "Inference-Header-Content-Length", "0");

        TensorData input = console.server.requests.remove().inputs().get(0);
        assertThat(input.name()).isEqualTo("only");
        assertThat(input.shape()).containsExactly(2, 2);
        assertThat(input.data()).isEqualTo(floats(1, 2, 3, 4));
        int head = (int) response.headers()
                .firstValueAsLong("Inference-Header-Content-Length")
                .orElseThrow();
        assertThat(Arrays.copyOfRange(response.body(), head, response.body().length))
                .isEqualTo(floats(1, 2, 3, 4));
    }

    @Test
    void rawBytesAreOneElement() {
        post(
                "/v2/models/fake/versions/4/infer",
                "clip".getBytes(StandardCharsets.UTF_8),
                "Inference-Header-Content-Length",
                "0");

        TensorData input = console.server.requests.remove().inputs().get(0);
        assertThat(input.shape()).containsExactly(1);
        assertThat(input.data()).containsExactly(4, 0, 0, 0, 'c', 'l', 'i', 'p');
    }

    @Test
    void rawDataThatFitNoShapeAreRefused() {
        String zero = "Inference-Header-Content-Length";
        assertThat(text(post("/v2/models/fake/versions/3/infer", new byte[6], zero, "0")))
                .contains("multiple of 4 bytes");
        assertThat(text(post("/v2/models/fake/versions/3/infer", new byte[12], zero, "0")))
                .contains("proper shape");
        assertThat(text(post(INFER, new byte[12], zero, "0"))).contains("needs a model with one input", "has 9");
    }

    @Test
    void parametersOfSchedulersAreNotTheModels() {
        console.post(
                INFER,
                "{\"inputs\":[],\"outputs\":[{\"name\":\"y\",\"parameters\":{\"classification\":3}}],\"parameters\":"
                        + "{\"sequence_id\":5,\"sequence_start\":true,\"sequence_end\":false,\"priority\":2,\"timeout\":900,"
                        + "\"triton_enable_empty_final_response\":true,\"mine\":0.5}}");

        InferenceRequest request = console.server.requests.remove();
        assertThat(request.scheduling()).isEqualTo(new Scheduling(5L, true, false, 2, 900));
        assertThat(request.parameters()).isEqualTo(Map.of("triton_enable_empty_final_response", true, "mine", 0.5));
        assertThat(request.outputs()).containsExactly(new RequestedOutput("y", 3));
    }

    @Test
    void aSequenceMayHaveAName() {
        console.post(INFER, "{\"inputs\":[],\"parameters\":{\"sequence_id\":\"film\"}}");

        assertThat(console.server.requests.remove().scheduling().sequence()).isEqualTo("film");
    }

    @Test
    void decoupledModelsAreNotForOneAnswer() {
        HttpResponse<byte[]> response = post("/v2/models/fake/versions/2/infer", "{\"inputs\":[]}".getBytes());

        assertThat(response.statusCode()).isEqualTo(501);
        assertThat(text(response)).contains("doesn't support models with decoupled transaction policy");
    }

    @ParameterizedTest
    @CsvSource({
        "fails,503,no room",
        "three,500,exactly 1 response",
        "flags only,500,exactly 1 response",
        "refuse NOT_FOUND,404,refused as asked",
        "wrong size,500,does not match size",
        "one then flags,200,outputs"
    })
    void theServersFailuresKeepTheirStatus(String script, int status, String message) {
        HttpResponse<String> response =
                console.post(INFER, "{\"inputs\":[],\"parameters\":{\"script\":\"" + script + "\"}}");

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).contains(message);
    }

    @Test
    void unknownModelsAndNamesThatLeaveTheRepositoryAreRefused() {
        assertThat(post("/v2/models/other/infer", "{\"inputs\":[]}".getBytes()).statusCode())
                .isEqualTo(404);
        for (String name : new String[] {"..%2ffake", "%2e%2e", "fake%5c..", "fake%00"}) {
            HttpResponse<byte[]> response = post("/v2/models/" + name + "/infer", "{\"inputs\":[]}".getBytes());
            assertThat(response.statusCode()).as(name).isEqualTo(400);
        }
        assertThat(console.server.requests).isEmpty();
    }
}
