package dev.purekv.triton;

import static dev.purekv.triton.Requests.flag;
import static dev.purekv.triton.Requests.request;
import static dev.purekv.triton.Requests.run;
import static dev.purekv.triton.Requests.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.ResidentGrowth;
import dev.purekv.server.RunningInference;
import dev.purekv.server.ServerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a real Triton's metrics and statistics say of requests to a model that counts. */
class MetricsTest {
    private static final String LABELS = "model=\"counting\",version=\"1\"";

    @TempDir
    Path repository;

    private EmbeddedServer server;

    @BeforeEach
    void startServer() throws IOException {
        Path version = Files.createDirectories(repository.resolve("counting/1"));
        Files.writeString(version.resolve("config.json"), "{}");
        Files.writeString(repository.resolve("counting/config.pbtxt"), "backend: \"purekv\"");
        server = EmbeddedServer.start(
                EmbeddedServerOptions.of(repository), (checkpoint, settings) -> CountingModel.load());
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    /** @param labels as Triton writes them, in braces or not at all; -1 for a series that is not there */
    private double value(String name, String labels) {
        Matcher line = Pattern.compile("^" + Pattern.quote(name + "{" + labels + "}") + " (\\S+)$", Pattern.MULTILINE)
                .matcher(server.metrics());
        return line.find() ? Double.parseDouble(line.group(1)) : -1;
    }

    private double value(String name) {
        return value("purekv:" + name, LABELS);
    }

    /** Triton keeps these counters when a model goes, so that those of earlier tests are in them. */
    private double failures() {
        return value("nv_inference_request_failure", "model=\"counting\",reason=\"BACKEND\",version=\"1\"");
    }

    private JsonNode statistics() {
        return JsonMapper.shared()
                .readTree(server.statistics("counting", ""))
                .path("model_stats")
                .path(0);
    }

    /** @param kind success, fail or cancel */
    private int responses(String kind) {
        return statistics()
                .path("response_stats")
                .valueStream()
                .mapToInt(each -> each.path(kind).path("count").asInt())
                .sum();
    }

    private void ask(int tokens, String ratio) throws InterruptedException {
        Map<String, Object> parameters = Map.of("max_tokens", (long) tokens, "compression_ratio", ratio);
        assertThat(run(server, request("counting", parameters, text("text_input", "abcdefgh")))
                        .responses()
                        .get(0)
                        .error())
                .isNull();
    }

    @Test
    void aRequestIsCountedWithItsTokensAndTimes() throws Exception {
        ask(5, "4");
        ask(3, "4");
        assertThat(value("prompt_tokens_total")).isEqualTo(16);
        assertThat(value("generation_tokens_total")).isEqualTo(8);
        assertThat(value("image_tokens_total")).isZero();
        assertThat(value("time_to_first_token_seconds_count")).isEqualTo(2);
        assertThat(value("time_per_output_token_seconds_count")).isEqualTo(6);
        assertThat(value("e2e_request_latency_seconds_count")).isEqualTo(2);
        assertThat(value("request_queue_time_seconds_count")).isEqualTo(2);
        assertThat(value("request_prompt_tokens_sum")).isEqualTo(16);
        assertThat(value("request_generation_tokens_sum")).isEqualTo(8);
        assertThat(value("e2e_request_latency_seconds_sum"))
                .isGreaterThan(value("time_to_first_token_seconds_sum"))
                .isGreaterThan(value("time_per_output_token_seconds_sum"));
        assertThat(value("purekv:time_to_first_token_seconds_bucket", LABELS + ",le=\"+Inf\""))
                .isEqualTo(2);
        assertThat(value("purekv:request_generation_tokens_bucket", LABELS + ",le=\"2\""))
                .isZero();
    }

    @Test
    void theAchievedRatioAndWhatWasDroppedAreTold() throws Exception {
        ask(2, "4"); // the model keeps 250 of 1000 bytes
        assertThat(value("kv_compression_ratio")).isEqualTo(4);
        assertThat(value("kv_tokens_evicted_total")).isEqualTo(6);
        ask(2, "1");
        assertThat(value("kv_compression_ratio")).isEqualTo(1);
        assertThat(value("kv_tokens_evicted_total")).isEqualTo(6);
    }

    @Test
    void runningRequestsShowAndACancellationIsCountedWhereItHappened() throws Exception {
        double before = failures();
        CompletableFuture<ServerException> ended = new CompletableFuture<>();
        CompletableFuture<Void> begun = new CompletableFuture<>();
        RunningInference running = server.infer(
                request("counting", Map.of("max_tokens", 50_000L), text("text_input", "hi"), flag("stream", true)),
                (response, last) -> {
                    begun.complete(null);
                    if (last) {
                        ended.complete(response == null ? null : response.error());
                    }
                });
        begun.get(10, TimeUnit.SECONDS);
        assertThat(value("num_requests_running")).isEqualTo(1);
        running.cancel();
        assertThat(ended.get(5, TimeUnit.SECONDS).status()).isEqualTo(ServerException.Status.CANCELLED);
        assertThat(value("purekv:requests_cancelled_total", "model=\"counting\",stage=\"decode\",version=\"1\""))
                .isEqualTo(1);
        assertThat(value("purekv:requests_cancelled_total", "model=\"counting\",stage=\"queue\",version=\"1\""))
                .isZero();
        awaitZero("num_requests_running"); // the engine counts after it has told
        awaitZero("num_requests_waiting");
        // Triton knows no other reason for what a backend reports; the response's own statistics do.
        assertThat(failures()).isEqualTo(before + 1);
        assertThat(responses("cancel")).isEqualTo(1);
    }

    private void awaitZero(String metric) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (value(metric) != 0 && System.nanoTime() < end) {
            Thread.sleep(5);
        }
        assertThat(value(metric)).as(metric).isZero();
    }

    @Test
    void tritonsOwnCountersMeanTheWholeGeneration() throws Exception {
        double before = failures();
        ask(50, "1");
        run(server, request("counting", Map.of("max_tokenz", 1L), text("text_input", "hi")));
        assertThat(value("nv_inference_request_success", LABELS)).isEqualTo(1);
        assertThat(failures()).isEqualTo(before + 1);
        assertThat(responses("fail")).isEqualTo(1);
        assertThat(value("nv_inference_exec_count", LABELS)).isEqualTo(1);
        assertThat(value("nv_inference_count", LABELS)).isEqualTo(1);
        double generation = 49_000; // microseconds: the model sleeps one millisecond before each later token
        assertThat(value("nv_inference_request_duration_us", LABELS)).isGreaterThan(generation);
        assertThat(value("nv_inference_compute_infer_duration_us", LABELS)).isGreaterThan(generation);
        assertThat(value("nv_inference_pending_request_count", LABELS)).isZero();
    }

    @Test
    void aModelThatIsGoneLeavesNoValuesAndStartsAgainFromZero() throws Exception {
        ask(2, "1");
        server.unload("counting", false);
        await(() -> !server.metrics().contains("purekv:"));
        server.load("counting", Map.of());
        assertThat(value("prompt_tokens_total")).isZero();
        ask(2, "1");
        assertThat(value("prompt_tokens_total")).isEqualTo(8);
    }

    @Test
    void countersGoOnWhenAModelIsLoadedAgain() throws Exception {
        ask(2, "1");
        Files.writeString(
                repository.resolve("counting/config.pbtxt"),
                "backend: \"purekv\" parameters { key: \"compression_ratio\" value { string_value: \"2\" } }");
        server.load("counting", Map.of());
        run(server, request("counting", Map.of("max_tokens", 2L), text("text_input", "abcdefgh")));
        assertThat(value("kv_compression_ratio")).isEqualTo(2);
        assertThat(value("prompt_tokens_total")).isEqualTo(16);
        await(() -> !server.metrics().isEmpty() && value("num_requests_running") == 0);
    }

    @Test
    void theWeightsAreInTheStatistics() {
        JsonNode usage = statistics().path("memory_usage").path(0);
        assertThat(usage.path("type").asString()).isEqualTo("CPU");
        assertThat(usage.path("byte_size").asLong()).isEqualTo(CountingModel.WEIGHT_BYTES);
    }

    @Test
    void metricsOfModelsThatComeAndGoCostNoMemory() {
        MetricFamilies families = new MetricFamilies();
        long growth = ResidentGrowth.smallest(() -> {
            for (int i = 0; i < 500; i++) {
                families.open("passing", i).orElseThrow().close();
            }
        });
        assertThat(growth).isLessThan(256 << 10); // one of the 500 takes more than 10 kB while it is there
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(Condition condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(10);
        }
    }
}
