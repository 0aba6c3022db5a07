package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Settings change under real HTTP traffic, and nobody notices but by what they ask for. */
class LiveReloadIT {
    private static final Path SOURCE = Path.of("model-repository/moving-digits");
    private static final String MODEL = "/v2/models/moving-digits";
    private static final String LOAD = "/v2/repository/models/moving-digits/load";

    @TempDir
    private Path repository;

    private RunningServer server;
    private String clip;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        Files.createDirectories(repository.resolve("moving-digits/1"));
        ratio(1);
        clip = RunningServer.base64(SOURCE.resolve("samples/digits-16x112-1.mp4"));
        server = RunningServer.start(repository);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Writes the settings as an editor does: never half of them. */
    private void ratio(int ratio) throws IOException {
        Path folder = repository.resolve("moving-digits");
        Path checkpoint = SOURCE.resolve("1").toAbsolutePath();
        Path fresh = Files.writeString(folder.resolve("fresh"), """
                backend: "purekv"
                parameters { key: "checkpoint" value { string_value: "%s" } }
                parameters { key: "compression_ratio" value { string_value: "%d" } }
                """.formatted(checkpoint, ratio));
        Files.move(fresh, folder.resolve("config.pbtxt"), StandardCopyOption.REPLACE_EXISTING);
    }

    private void reload(int ratio) throws IOException, InterruptedException {
        ratio(ratio);
        HttpResponse<String> response = server.post(LOAD, "");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }

    private JsonNode ask(int tokens) throws IOException, InterruptedException {
        HttpResponse<String> response = server.post(
                MODEL + "/generate",
                Map.of(
                        "text_input",
                        "How many digits are there?",
                        "video",
                        clip,
                        "exclude_input_in_output",
                        true,
                        "return_finish_reason",
                        true,
                        "return_num_output_tokens",
                        true,
                        "parameters",
                        Map.of("max_tokens", tokens, "ignore_eos", true, "return_kv_metrics", true)));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return RunningServer.json(response);
    }

    private static double ratio(JsonNode answer) {
        return answer.path("kv_compression_ratio").asDouble();
    }

    @Test
    void whatRunsFinishesUnderTheOldSettingsAndWhatComesGetsTheNewOnes() throws Exception {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            Future<JsonNode> running = threads.submit(() -> ask(1500));
            awaitRunning();
            reload(5);
            JsonNode fresh = ask(4);
            assertThat(ratio(fresh)).isCloseTo(5, within(0.5));
            assertThat(running.isDone())
                    .as("the old request ended before the new one")
                    .isFalse();
            JsonNode old = running.get();
            assertThat(ratio(old)).isEqualTo(1);
            assertThat(old.path("num_output_tokens").asInt()).isEqualTo(1500);
            assertThat(old.path("finish_reason").asString()).isEqualTo("length");
        } finally {
            threads.shutdown();
        }
    }

    private void awaitRunning() throws IOException, InterruptedException {
        Pattern running = Pattern.compile("purekv:num_requests_running\\{[^}]*} ([1-9])");
        for (int i = 0; i < 500; i++) {
            Matcher found = running.matcher(server.metrics().body());
            if (found.find()) {
                return;
            }
            Thread.sleep(10);
        }
        throw new AssertionError("no request runs:\n" + server.metrics().body());
    }

    @Test
    void noRequestFailsOrIsCutWhileSettingsChange() throws Exception {
        int clients = 3;
        AtomicBoolean enough = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        List<Future<Integer>> answered = new ArrayList<>();
        try {
            for (int i = 0; i < clients; i++) {
                answered.add(threads.submit(() -> askUntil(enough)));
            }
            for (int i = 0; i < 8; i++) {
                int wanted = i % 2 == 0 ? 5 : 1;
                reload(wanted);
                assertThat(ratio(ask(2))).isCloseTo(wanted, within(0.5));
            }
            enough.set(true);
            for (Future<Integer> each : answered) {
                assertThat(each.get()).isPositive();
            }
        } finally {
            enough.set(true);
            threads.shutdown();
        }
    }

    /** @return how many answers came, each of them whole */
    private int askUntil(AtomicBoolean enough) throws IOException, InterruptedException {
        int answers = 0;
        for (; !enough.get(); answers++) {
            JsonNode answer = ask(20);
            assertThat(answer.path("num_output_tokens").asInt()).isEqualTo(20);
            assertThat(Math.abs(ratio(answer) - 1) < 1e-9 || Math.abs(ratio(answer) - 5) < 0.5)
                    .as("ratio %s", ratio(answer))
                    .isTrue();
        }
        return answers;
    }

    @Test
    void aBadReloadIsRefusedOverHttpAndTheOldSettingsStay() throws Exception {
        Files.writeString(
                repository.resolve("moving-digits/config.pbtxt"),
                "backend: \"purekv\" parameters { key: \"kv_polcy\" value { string_value: \"full\" } }");
        HttpResponse<String> response = server.post(LOAD, "");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(RunningServer.json(response).path("error").asString()).contains("kv_polcy", "kv_policy");
        assertThat(ratio(ask(2))).isEqualTo(1);
    }
}
