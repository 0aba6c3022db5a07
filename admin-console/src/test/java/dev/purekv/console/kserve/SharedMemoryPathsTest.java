package dev.purekv.console.kserve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.FakeServer;
import dev.purekv.console.RunningConsole;
import dev.purekv.console.doors.Door;
import dev.purekv.console.sharedmemory.SharedMemory;
import dev.purekv.console.sharedmemory.SharedPart;
import dev.purekv.console.sharedmemory.Window;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tensors in a real shared memory object, over HTTP; the server behind it mirrors inputs. */
class SharedMemoryPathsTest {
    private static final String INFER = "/v2/models/" + FakeServer.MODEL + "/infer";
    private static final String SYSTEM = "/v2/systemsharedmemory";
    private static RunningConsole console;

    private final String key = "/purekv-test-" + UUID.randomUUID();
    private final Path object = Path.of("/dev/shm" + key);

    @BeforeAll
    static void start() {
        console = RunningConsole.start();
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @BeforeEach
    void make() throws IOException {
        Files.write(object, new byte[] {4, 3, 2, 1, 0, 0, 0, 0});
    }

    @AfterEach
    void remove() throws IOException {
        console.bean(SharedMemory.class).unregisterAll();
        Files.deleteIfExists(object);
    }

    private HttpResponse<String> register(String region, String body) {
        return console.post(SYSTEM + "/region/" + region + "/register", body);
    }

    private void registerAll(String region) {
        HttpResponse<String> response = register(region, "{\"key\":\"" + key + "\",\"offset\":0,\"byte_size\":8}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.body()).isEmpty();
    }

    private static String at(int offset, int bytes) {
        return "\"parameters\":{\"shared_memory_region\":\"r\",\"shared_memory_offset\":" + offset
                + ",\"shared_memory_byte_size\":" + bytes + "}";
    }

    private static String mirror(String input, String output) {
        return "{\"parameters\":{\"script\":\"mirror\"},\"inputs\":[{\"name\":\"x\",\"datatype\":\"UINT8\",\"shape\":[4],"
                + input + "}],\"outputs\":[{\"name\":\"x\"" + output + "}]}";
    }

    private static void assertRefused(HttpResponse<String> response, int status, String message) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.body()).startsWith("{\"error\":").contains(message);
    }

    @Test
    void regionsAreRegisteredListedAndForgotten() {
        register("b", "{\"key\":\"" + key + "\",\"offset\":2,\"byte_size\":6}");
        registerAll("a%20b");

        String first = "{\"name\":\"a b\",\"key\":\"" + key + "\",\"offset\":0,\"byte_size\":8}";
        String second = "{\"name\":\"b\",\"key\":\"" + key + "\",\"offset\":2,\"byte_size\":6}";
        assertThat(console.get(Door.KSERVE, SYSTEM + "/status").body()).isEqualTo("[" + first + "," + second + "]");
        assertThat(console.get(Door.KSERVE, SYSTEM + "/region/b/status").body()).isEqualTo("[" + second + "]");
        assertRefused(register("b", "{\"key\":\"" + key + "\",\"byte_size\":1}"), 400, "already in manager");

        assertThat(console.post(SYSTEM + "/region/b/unregister", "").statusCode())
                .isEqualTo(200);
        assertRefused(console.get(Door.KSERVE, SYSTEM + "/region/b/status"), 404, "Unable to find");
        assertThat(console.post(SYSTEM + "/unregister", "").statusCode()).isEqualTo(200);
        assertThat(console.get(Door.KSERVE, SYSTEM + "/status").body()).isEqualTo("[]");
    }

    @Test
    void tensorsComeFromSharedMemoryAndGoThere() throws IOException {
        registerAll("r");

        HttpResponse<String> response = console.post(INFER, mirror(at(0, 4), "," + at(4, 4)));

        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.body()).endsWith("\"outputs\":[{\"name\":\"x\",\"datatype\":\"UINT8\",\"shape\":[4]}]}");
        assertThat(Files.readAllBytes(object)).containsExactly(4, 3, 2, 1, 4, 3, 2, 1);
        assertThat(console.post(SYSTEM + "/region/r/unregister", "").statusCode())
                .isEqualTo(200);
        assertRefused(console.post(INFER, mirror(at(0, 4), "")), 404, "Unable to find shared memory region: 'r'");
    }

    @Test
    void sharedMemoryAndBinaryDataMixInARequest() throws IOException {
        registerAll("r");
        String json = "{\"parameters\":{\"script\":\"mirror\",\"binary_data_output\":true},\"inputs\":["
                + "{\"name\":\"x\",\"datatype\":\"UINT8\",\"shape\":[2],\"parameters\":{\"binary_data_size\":2}},"
                + "{\"name\":\"y\",\"datatype\":\"UINT8\",\"shape\":[4]," + at(0, 4) + "}],"
                + "\"outputs\":[{\"name\":\"x\"," + at(6, 2) + "},{\"name\":\"y\"}]}";
        HttpRequest.Builder request = console.request(Door.KSERVE, INFER)
                .header("Inference-Header-Content-Length", Integer.toString(json.length()))
                .POST(HttpRequest.BodyPublishers.ofString(json + "\u0007\b", StandardCharsets.US_ASCII));

        HttpResponse<byte[]> response = console.send(request, HttpResponse.BodyHandlers.ofByteArray());

        assertThat(response.statusCode()).isEqualTo(200);
        byte[] body = response.body();
        assertThat(Arrays.copyOfRange(body, body.length - 4, body.length)).containsExactly(4, 3, 2, 1);
        assertThat(response.headers().firstValueAsLong("Inference-Header-Content-Length"))
                .hasValue(body.length - 4);
        assertThat(Files.readAllBytes(object)).containsExactly(4, 3, 2, 1, 0, 0, 7, 8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "\"parameters\":{\"shared_memory_region\":\"r\"}|400|'shared_memory_byte_size' must be specified",
                "\"parameters\":{\"shared_memory_byte_size\":4}|400|without 'shared_memory_region'",
                "\"parameters\":{\"shared_memory_region\":7,\"shared_memory_byte_size\":4}|400|expected a string",
                "\"parameters\":{\"shared_memory_region\":\"r\",\"shared_memory_byte_size\":\"4\"}|400|a whole number",
                "\"parameters\":{\"shared_memory_region\":\"r\",\"shared_memory_byte_size\":4e0}|400|a whole number",
                "\"parameters\":{\"shared_memory_region\":\"r\",\"shared_memory_byte_size\":4,\"shared_memory_offset\":-1}|400|Invalid offset",
                "\"parameters\":{\"shared_memory_region\":\"r\",\"shared_memory_byte_size\":4,\"shared_memory_offset\":5}|400|Invalid offset + byte size",
                "\"parameters\":{\"shared_memory_region\":\"r\",\"shared_memory_byte_size\":4,\"shared_memory_offset\":9223372036854775807}|400|Invalid offset",
                "\"parameters\":{\"shared_memory_region\":\"r\",\"shared_memory_byte_size\":4,\"shared_memory_offset\":99999999999999999999}|400|a whole number",
                "\"parameters\":{\"shared_memory_region\":\"r\",\"shared_memory_byte_size\":5}|400|'shared_memory_byte_size' of 4, got 5",
                "\"parameters\":{\"shared_memory_region\":\"../etc/passwd\",\"shared_memory_byte_size\":4}|404|Unable to find",
                "\"data\":[1,2,3,4],\"parameters\":{\"shared_memory_region\":\"r\",\"shared_memory_byte_size\":4}|400|got several",
            })
    void inputsOutsideOfARegionAreRefused(String input, int status, String message) {
        registerAll("r");
        assertRefused(console.post(INFER, mirror(input, "")), status, message);
        console.bean(SharedMemory.class).unregister("r"); // it is not held
    }

    @Test
    void outputsThatDoNotFitAreRefusedAndWriteNothing() throws IOException {
        registerAll("r");
        assertRefused(console.post(INFER, mirror(at(0, 4), "," + at(4, 3))), 500, "should be at least 4 bytes");
        assertRefused(console.post(INFER, mirror(at(0, 4), "," + at(4, 5))), 400, "Invalid offset + byte size");
        assertRefused(
                console.post(INFER, mirror(at(0, 4), "," + at(4, 4).replace("{", "{\"classification\":1,"))),
                400,
                "can't set both");
        assertThat(Files.readAllBytes(object)).containsExactly(4, 3, 2, 1, 0, 0, 0, 0);
        console.bean(SharedMemory.class).unregister("r");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "r|{}|expected a string as 'key'",
                "r|{\"key\":7,\"byte_size\":1}|expected a string as 'key'",
                "r|{\"key\":\"/x\"}|expected 'byte_size'",
                "r|{\"key\":\"/x\",\"byte_size\":-1}|'byte_size' must be a whole number",
                "r|{\"key\":\"/x\",\"byte_size\":1.5}|'byte_size' must be a whole number",
                "r|{\"key\":\"/x\",\"byte_size\":1,\"offset\":9223372036854775808}|'offset' must be a whole number",
                "r|{\"key\":\"/x\",\"byte_size\":1,\"offset\":null}|'offset' must be a whole number",
                "r|{\"key\":\"/../../etc/passwd\",\"byte_size\":1}|without further slashes",
                "r|{\"key\":\"/purekv-there-is-none\",\"byte_size\":1}|there is none on this machine",
                "r|[]|expected an object",
            })
    void whatIsNoRegionIsNotRegistered(String region, String body, String message) {
        assertRefused(register(region, body), 400, message);
        assertThat(console.get(Door.KSERVE, SYSTEM + "/status").body()).isEqualTo("[]");
    }

    @Test
    void regionsEndWhereTheirObjectEnds() {
        assertRefused(
                register(
                        "r",
                        "{\"key\":\"" + key + "\",\"offset\":9223372036854775807,\"byte_size\":9223372036854775807}"),
                400,
                "are not inside the 8 bytes");
        assertRefused(console.post(SYSTEM + "/register", "{}"), 400, "'region name' is necessary");
    }

    @ParameterizedTest
    @CsvSource({
        "GET,  /v2/cudasharedmemory/status,              200",
        "POST, /v2/cudasharedmemory/unregister,          200",
        "GET,  /v2/cudasharedmemory/region/r/status,     501",
        "POST, /v2/cudasharedmemory/region/r/register,   501",
        "POST, /v2/cudasharedmemory/region/r/unregister, 501",
        "POST, /v2/systemsharedmemory/status,            405",
        "GET,  /v2/systemsharedmemory/region/r/register, 405",
        "GET,  /v2/systemsharedmemory/region/a/b/status, 404",
        "GET,  /v2/othersharedmemory/status,             404",
    })
    void memoryOfCudaIsNotSupportedAndNoneIsThere(String method, String path, int status) {
        HttpResponse<String> response =
                console.send(console.request(Door.KSERVE, path).method(method, HttpRequest.BodyPublishers.noBody()));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    }

    @Test
    void aRegionIsFreeAgainWhenItsClientIsGone() throws IOException {
        registerAll("r");
        String body = mirror(at(0, 4), "," + at(4, 4)).replace("mirror", "forever 0 10");
        try (Socket socket = new Socket("127.0.0.1", console.port(Door.KSERVE))) {
            socket.getOutputStream()
                    .write(("POST " + INFER + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length() + "\r\n\r\n"
                                    + body)
                            .getBytes(StandardCharsets.US_ASCII));
            Awaitility.await()
                    .until(() -> console.post(SYSTEM + "/unregister", "").statusCode() == 503);
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> console.post(SYSTEM + "/unregister", "").statusCode() == 200);
    }

    @Test
    void aRegionInUseStays() {
        registerAll("r");
        try (Window held = console.bean(SharedMemory.class).open(new SharedPart("r", 0, 1))) {
            assertRefused(console.post(SYSTEM + "/region/r/unregister", ""), 503, "currently in use");
            assertThat(held.bytes()).isEqualTo(1);
        }
        assertThat(console.post(SYSTEM + "/region/r/unregister", "").statusCode())
                .isEqualTo(200);
    }
}
