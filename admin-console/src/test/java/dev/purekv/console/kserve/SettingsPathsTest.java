package dev.purekv.console.kserve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.FakeServer;
import dev.purekv.console.RunningConsole;
import dev.purekv.console.doors.Door;
import dev.purekv.server.LogSettings;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The settings of log and trace, over HTTP. */
class SettingsPathsTest {
    private static final String ALL = "/v2/trace/setting";
    private static final String FAKE = "/v2/models/fake/trace/setting";
    private static final String TALKER = "/v2/models/talker/trace/setting";
    private static final String CLEAR =
            "{\"trace_level\":null,\"trace_rate\":null,\"trace_count\":null,\"log_frequency\":null}";
    private static final String TRACE =
            "{\"id\":7,\"model_name\":\"fake\",\"model_version\":1,\"request_id\":\"a\\\"b\"},"
                    + "{\"id\":7,\"timestamps\":[{\"name\":\"REQUEST_START\",\"ns\":41}]},"
                    + "{\"id\":7,\"timestamps\":[{\"name\":\"REQUEST_END\",\"ns\":43}]},"
                    + "{\"id\":8,\"model_name\":\"step\",\"model_version\":1,\"parent_id\":7},"
                    + "{\"id\":8,\"timestamps\":[{\"name\":\"QUEUE_START\",\"ns\":42}]}";

    @TempDir
    static Path folder;

    private static RunningConsole console;

    @BeforeAll
    static void start() {
        console = RunningConsole.start("purekv.trace-file=" + folder.resolve("traces.json"));
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @AfterEach
    void clear() {
        for (String path : new String[] {ALL, FAKE, TALKER}) {
            console.post(path, CLEAR);
        }
    }

    private static String get(String path) {
        HttpResponse<String> response = console.get(Door.KSERVE, path);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    private static String post(String path, String body) {
        HttpResponse<String> response = console.post(path, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    private static String settings(String level, int rate, int count, int frequency) {
        return "{\"trace_level\":[\"" + level + "\"],\"trace_rate\":\"" + rate + "\",\"trace_count\":\"" + count
                + "\",\"log_frequency\":\"" + frequency + "\",\"trace_file\":\"" + folder.resolve("traces.json")
                + "\",\"trace_mode\":\"triton\"}";
    }

    private static void infer(String model) {
        String path = "/v2/models/" + model + "/infer";
        post(
                path,
                "{\"id\":\"a\\\"b\",\"inputs\":[{\"name\":\"text_input\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"x\"]}]}");
    }

    private static void awaitFile(String name, String content) {
        Awaitility.await()
                .ignoreException(NoSuchFileException.class)
                .untilAsserted(
                        () -> assertThat(Files.readString(folder.resolve(name))).isEqualTo(content));
    }

    @Test
    void tracesWhatTheSettingsSayAndNoMore() {
        assertThat(get(ALL)).isEqualTo(settings("OFF", 1000, -1, 0));
        infer(FakeServer.MODEL);
        assertThat(post(ALL, "{\"trace_level\":[\"TIMESTAMPS\"],\"trace_rate\":\"2\",\"trace_count\":2}"))
                .isEqualTo(settings("TIMESTAMPS", 2, 2, 0));

        for (int i = 0; i < 9; i++) {
            infer(FakeServer.MODEL);
        }

        awaitFile("traces.json", "[" + TRACE + "," + TRACE + "]");
        assertThat(get(ALL)).isEqualTo(settings("TIMESTAMPS", 2, 0, 0));
    }

    @Test
    void numberedFilesHoldAsManyTracesAsTheySay() {
        post(
                FAKE,
                "{\"trace_level\":[\"TIMESTAMPS\"],\"trace_rate\":\"1\",\"trace_count\":\"3\",\"log_frequency\":\"2\"}");

        for (int i = 0; i < 4; i++) {
            infer(FakeServer.MODEL);
        }

        awaitFile("traces.json.0", "[" + TRACE + "," + TRACE + "]");
        awaitFile("traces.json.1", "[" + TRACE + "]");
    }

    @Test
    void aModelsOwnSettingsWinOverThoseOfAll() {
        post(FAKE, "{\"trace_rate\":\"7\"}");
        post(ALL, "{\"trace_rate\":\"5\",\"trace_count\":\"9\"}");

        assertThat(get(FAKE)).isEqualTo(settings("OFF", 7, 9, 0));
        assertThat(get(TALKER)).isEqualTo(settings("OFF", 5, 9, 0));
        assertThat(post(FAKE, "{\"trace_rate\":null}")).isEqualTo(settings("OFF", 5, 9, 0));
        assertThat(post(ALL, CLEAR)).isEqualTo(settings("OFF", 1000, -1, 0));
        assertThat(get(FAKE)).isEqualTo(settings("OFF", 1000, -1, 0));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"trace_file\":\"/etc/passwd\"}|501|can not be updated through network protocol",
                "{\"trace_mode\":\"opentelemetry\"}|501|can not be updated through network protocol",
                "{\"trace_level\":[\"TENSORS\"]}|501|TENSORS is not supported",
                "{\"trace_level\":[\"TIMESTAMPS\",\"TENSORS\"]}|501|TENSORS is not supported",
                "{\"trace_level\":[\"OFF\",\"TIMESTAMPS\"]}|400|Expect only one trace level",
                "{\"trace_level\":[\"ALL\"]}|400|unknown trace_level 'ALL'",
                "{\"trace_level\":[null]}|400|expected a string",
                "{\"trace_rate\":\"0\"}|400|Unable to parse 'trace_rate'",
                "{\"trace_rate\":\"x\"}|400|Unable to parse 'trace_rate'",
                "{\"trace_rate\":true}|400|expected a string",
                "{\"trace_rate\":[\"1\",\"2\"]}|400|Unable to parse 'trace_rate'",
                "{\"trace_count\":\"-2\"}|400|Unable to parse 'trace_count'",
                "{\"trace_count\":\"99999999999999999999\"}|400|Unable to parse 'trace_count'",
                "{\"log_frequency\":\"-1\"}|400|Unable to parse 'log_frequency'",
                "{\"other\":\"1\"}|400|unknown trace setting 'other'",
                "[]|400|expected an object",
            })
    void refusesWhatIsNoTraceSettingAndChangesNothing(String body, int status, String message) {
        HttpResponse<String> response = console.post(ALL, body);

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).contains(message);
        assertThat(get(ALL)).isEqualTo(settings("OFF", 1000, -1, 0));
    }

    @Test
    void unknownModelsHaveNoTraceSettings() {
        assertThat(console.get(Door.KSERVE, "/v2/models/other/trace/setting").body())
                .isEqualTo("{\"error\":\"Request for unknown model : other\"}");
        assertThat(console.post("/v2/models/other/trace/setting", "{}").statusCode())
                .isEqualTo(400);
    }

    @Test
    void withoutAFileNothingIsTracedAndTheRemedyIsNamed() {
        try (RunningConsole silent = RunningConsole.start()) {
            HttpResponse<String> response = silent.post(ALL, "{\"trace_level\":[\"TIMESTAMPS\"]}");
            assertThat(response.statusCode()).isEqualTo(501);
            assertThat(response.body()).contains("--purekv.trace-file=FILE");
            assertThat(silent.get(Door.KSERVE, ALL).body()).contains("\"trace_level\":[\"OFF\"]");
        }
    }

    @Test
    void logSettingsChangeOneByOne() {
        LogSettings before = console.server.logSettings();
        String changed = "{\"log_file\":\"\",\"log_info\":true,\"log_warning\":true,\"log_error\":true,"
                + "\"log_verbose_level\":2,\"log_format\":\"default\"}";

        assertThat(post(
                        "/v2/logging",
                        "{\"log_info\":true,\"log_verbose_level\":2,\"log_format\":\"default\",\"log_file\":null}"))
                .isEqualTo(changed);

        assertThat(get("/v2/logging")).isEqualTo(changed);
        assertThat(console.server.logSettings()).isEqualTo(new LogSettings(true, true, true, 2, false));
        console.server.changeLog(before);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"log_file\":\"/tmp/x\"}|501|can not be updated through network protocol",
                "{\"log_info\":1}|400|expect boolean",
                "{\"log_info\":false,\"log_verbose_level\":-1}|400|expect a whole number",
                "{\"log_verbose_level\":4294967296}|400|expect a whole number",
                "{\"log_format\":\"xml\"}|400|invalid argument for log_format",
                "{\"other\":true}|400|unknown log setting 'other'",
            })
    void refusesWhatIsNoLogSettingAndChangesNothing(String body, int status, String message) {
        LogSettings before = console.server.logSettings();

        HttpResponse<String> response = console.post("/v2/logging", body);

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).contains(message);
        assertThat(console.server.logSettings()).isEqualTo(before);
    }

    @Test
    void settingsAreReadAndWrittenAndNothingElse() {
        HttpResponse<String> response = console.send(
                console.request(Door.KSERVE, "/v2/logging").method("PUT", HttpRequest.BodyPublishers.noBody()));
        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).hasValue("GET, POST");
    }
}
