package dev.purekv.console.kserve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.FakeServer;
import dev.purekv.console.RunningConsole;
import dev.purekv.console.doors.Door;
import dev.purekv.console.exchange.BodyBudget;
import dev.purekv.console.exchange.RequestLimits;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are broken, or mean harm: a typed answer, and nothing is held afterwards. */
class InferRefusalTest {
    private static final String INFER = "/v2/models/" + FakeServer.MODEL + "/infer";
    private static final String JSON_BYTES = "Inference-Header-Content-Length";
    private static RunningConsole console;

    @BeforeAll
    static void start() {
        console = RunningConsole.start("purekv.http.max-request-bytes=64KB");
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @AfterEach
    void nothingIsHeld() {
        assertThat(console.server.requests).isEmpty();
        BodyBudget budget = console.bean(RequestLimits.class).bodies();
        Awaitility.await().untilAsserted(() -> assertThat(budget.heldBytes()).isZero());
    }

    private static HttpResponse<String> post(byte[] body, String... headers) {
        HttpRequest.Builder request =
                console.request(Door.KSERVE, INFER).POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return console.send(request);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void assertRefused(HttpResponse<String> response, int status, String message) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.body()).startsWith("{\"error\":\"").contains(message);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "~~|must be an object, got nothing",
                "[]|must be an object, got an array",
                "{}|expected 'inputs'",
                "{\"inputs\":{}}|'inputs' must be an array, got an object",
                "{\"inputs\":[1]}|an element of 'inputs' must be an object",
                "{\"inputs\":[]} x|failed to parse",
                "{\"inputs\":[]}{}|followed by more",
                "{\"inputs\":[],\"inputs\":[]}|Duplicate",
                "{\"inputs\":[],\"id\":7}|'id' must be a string",
                "{\"inputs\":[],\"parameters\":[]}|'parameters' must be an object",
                "{\"inputs\":[],\"parameters\":{\"a\":[1]}}|parameter 'a' has invalid type",
                "{\"inputs\":[],\"parameters\":{\"a\":null}}|parameter 'a' has invalid type",
                "{\"inputs\":[],\"parameters\":{\"headers\":\"x\"}}|'headers' is reserved",
                "{\"inputs\":[],\"parameters\":{\"triton_x\":1}}|'triton_x' is reserved",
                "{\"inputs\":[],\"parameters\":{\"priority\":-1}}|'priority' must be a whole number",
                "{\"inputs\":[],\"parameters\":{\"timeout\":\"1\"}}|'timeout' must be a whole number",
                "{\"inputs\":[],\"parameters\":{\"sequence_id\":1.5}}|'sequence_id' must be a whole number or a string",
                "{\"inputs\":[],\"parameters\":{\"binary_data_output\":1}}|'binary_data_output' must be true or false",
                "{\"inputs\":[],\"outputs\":[{}]}|expected the 'name' of an output",
                "{\"inputs\":[],\"outputs\":[{\"name\":\"y\",\"parameters\":{\"classification\":-1}}]}|'classification'",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"data\":[1]}]}|has no 'datatype'",
                "{\"inputs\":[{\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1]}]}|has no 'name'",
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"data\":[1]}]}|has no 'shape'",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP8\",\"data\":[1]}]}|unknown datatype 'FP8'",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1.5],\"datatype\":\"FP32\",\"data\":[1]}]}|'shape' must hold whole",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[-1],\"datatype\":\"FP32\",\"data\":[1]}]}|has the shape [-1]",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[4294967296,4294967296],\"datatype\":\"FP32\",\"data\":[]}]}|2^31",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[65536,65536],\"datatype\":\"FP32\",\"data\":[]}]}|2^31",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[2],\"datatype\":\"FP32\",\"data\":[1]}]}|must have 2 elements, got 1",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[[1],[2]]}]}|1 elements, got 2",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":1}]}|'data' must be an array",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[{}]}]}|expected a number",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1e99]}]}|range of FP32",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"INT8\",\"data\":[128]}]}|range of INT8",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\"}]}|got none of them",
            })
    void whatIsNoInferRequestIsNamed(String body, String message) {
        assertRefused(post(bytes(body)), 400, message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "x", "", "1e1", "14", "99999999999999999999", "13, 13", "0x0d"})
    void aLengthOfTheJsonThatIsNoneIsRefused(String length) {
        assertRefused(post(bytes("{\"inputs\":[]}"), JSON_BYTES, length), 400, JSON_BYTES);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "4|[1]|FP32|3|body ends before that",
                "4|[1]|FP32|5|longer than its JSON",
                "3|[1]|FP32|3|'binary_data_size' of 4, got 3",
                "4|[1]|FP32|0|body ends before that",
                "9223372036854775807|[1]|BYTES|4|body ends before that",
                "-4|[1]|FP32|4|'binary_data_size' must be a whole number",
                "\"4\"|[1]|FP32|4|'binary_data_size' must be a whole number",
                "5|[1]|BYTES|5|element 0: expected a length",
                "3|[1]|BYTES|3|element 0: expected a length",
                "0|[1]|BYTES|0|must have 1 elements, got 0",
                "8|[2147483647]|FP64|8|'binary_data_size' of 17179869176, got 8",
            })
    void binaryDataThatDoNotFitAreNamed(String size, String shape, String type, int sent, String message) {
        byte[] json = bytes("{\"inputs\":[{\"name\":\"x\",\"shape\":" + shape + ",\"datatype\":\"" + type
                + "\",\"parameters\":{\"binary_data_size\":" + size + "}}]}");
        byte[] body = Arrays.copyOf(json, json.length + sent);
        Arrays.fill(body, json.length, body.length, (byte) 7); // as a length: 117 million
        assertRefused(post(body, JSON_BYTES, Integer.toString(json.length)), 400, message);
    }

    @Test
    void elementsInTwoPlacesAreRefused() {
        byte[] json = bytes("{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1],"
                + "\"parameters\":{\"binary_data_size\":4}}]}");
        byte[] body = Arrays.copyOf(json, json.length + 4);
        assertRefused(post(body, JSON_BYTES, Integer.toString(json.length)), 400, "got several of them");
    }

    @Test
    void jsonMayNotNestNorListWithoutEnd() {
        String head = "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":";
        assertRefused(post(bytes(head + "[".repeat(30_000))), 400, "failed to parse");
        assertRefused(post(bytes(head + "[".repeat(100) + "]".repeat(100) + "}]}")), 400, "failed to parse");
        assertRefused(post(bytes("{\"x\":" + "{\"a\":".repeat(9_000))), 400, "failed to parse");
        assertRefused(post(bytes("{\"inputs\":[" + "{},".repeat(2_000) + "{}]}")), 400, "has no 'name'");
        assertRefused(
                post(bytes("{\"inputs\":[],\"outputs\":[" + "{\"name\":\"y\"},".repeat(2_000) + "{}]}")),
                400,
                "at most 1024 elements of 'outputs'");
        assertRefused(
                post(bytes("{\"inputs\":[{\"shape\":[" + "1,".repeat(100) + "1]}]}")), 400, "at most 64 dimensions");
        assertRefused(
                post(bytes(head + "[" + "9".repeat(1000) + "]}]}")), 400, "failed to parse the request JSON buffer");
    }
}
