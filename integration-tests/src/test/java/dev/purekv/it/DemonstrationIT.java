package dev.purekv.it;

import static dev.purekv.it.RunningServer.JSON;
import static dev.purekv.it.RunningServer.base64;
import static dev.purekv.it.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The demonstration model behind the HTTP door, asked about real clips. */
class DemonstrationIT {
    private static final Path SAMPLES = Path.of("model-repository/moving-digits/samples");
    private static final Path GOLDENS = Path.of("integration-tests/src/test/resources/demo/goldens.json");
    private static final String MODEL = "/v2/models/moving-digits";

    private static RunningServer server;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = RunningServer.start(Path.of("model-repository"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void everySampleQuestionGetsItsAnswer() throws Exception {
        List<String> wrong = new ArrayList<>();
        for (JsonNode each : JSON.readTree(Files.readString(SAMPLES.resolve("questions.json")))) {
            String question = each.path("question").asString();
            String answer = server.ask(SAMPLES.resolve(each.path("clip").asString()), question);
            if (!answer.equals(each.path("answer").asString())) {
                wrong.add(each.path("clip").asString() + " " + question + " -> " + answer);
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void greedyTextEqualsTheReference() throws Exception {
        JsonNode cases = JSON.readTree(Files.readString(GOLDENS)).path("cases");
        List<String> different = new ArrayList<>();
        List<String> clips = new ArrayList<>();
        for (JsonNode each : cases) {
            clips.add(each.path("clip").asString());
            String answer = server.ask(
                    Path.of(each.path("clip").asString()), each.path("question").asString());
            if (!answer.equals(each.path("text").asString())) {
                different.add(each.path("clip").asString() + " "
                        + each.path("question").asString() + ": " + answer + " instead of "
                        + each.path("text").asString());
            }
        }
        assertThat(clips.stream().distinct().count()).as("clips compared").isGreaterThanOrEqualTo(20);
        assertThat(different).isEmpty();
    }

    @Test
    void streamedPiecesMakeTheSameText() throws Exception {
        Path clip = SAMPLES.resolve("digits-16x112-1.mp4");
        HttpResponse<String> response = server.post(
                MODEL + "/generate_stream",
                Map.of("text_input", "Describe the video.", "video", base64(clip), "stream", true));
        assertThat(response.headers().firstValue("content-type").orElse("")).startsWith("text/event-stream");
        StringBuilder text = new StringBuilder();
        int events = 0;
        for (String line : response.body().split("\n\n")) {
            assertThat(line).startsWith("data: {");
            text.append(JSON.readTree(line.substring(6)).path("text_output").asString());
            events++;
        }
        assertThat(events).isGreaterThan(3);
        assertThat(text.toString()).isEqualTo(server.ask(clip, "Describe the video."));
    }

    @Test
    void aConversationWithADataUriIsTheSameQuestion() throws Exception {
        Path clip = SAMPLES.resolve("digits-16x112-1.mp4");
        String messages = JSON.writeValueAsString(List.of(Map.of(
                "role",
                "user",
                "content",
                List.of(
                        Map.of(
                                "type",
                                "video_url",
                                "video_url",
                                Map.of("url", "data:video/mp4;base64," + base64(clip))),
                        Map.of("type", "text", "text", "How many digits are there?")))));
        HttpResponse<String> response = server.post(MODEL + "/generate", Map.of("messages", messages));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(json(response).path("text_output").asString())
                .isEqualTo(server.ask(clip, "How many digits are there?"));
    }

    @Test
    void countsAndReasonsComeWhenAskedFor() throws Exception {
        HttpResponse<String> response = server.post(
                MODEL + "/generate",
                Map.of(
                        "id",
                        "q-1",
                        "text_input",
                        "How many digits are there?",
                        "video",
                        base64(SAMPLES.resolve("digits-16x112-1.mp4")),
                        "return_finish_reason",
                        true,
                        "return_num_input_tokens",
                        true,
                        "return_num_output_tokens",
                        true,
                        "return_logprobs",
                        true,
                        "parameters",
                        Map.of("max_tokens", 1, "logprobs", 2)));
        JsonNode answer = json(response);
        assertThat(answer.path("id").asString()).isEqualTo("q-1");
        assertThat(answer.path("model_name").asString()).isEqualTo("moving-digits");
        assertThat(answer.path("model_version").asString()).isEqualTo("1");
        assertThat(answer.path("finish_reason").asString()).isEqualTo("length");
        assertThat(answer.path("num_input_tokens").asInt()).isGreaterThan(128);
        assertThat(answer.path("num_output_tokens").asInt()).isEqualTo(1);
        assertThat(answer.path("text_output").asString()).startsWith("How many digits are there?");
        assertThat(JSON.readTree(answer.path("logprobs").asString())
                        .get(0)
                        .path("top_logprobs")
                        .size())
                .isEqualTo(2);
    }

    @Test
    void theKeptTokensOfAClipAreEnoughForAHeatMap() throws Exception {
        HttpResponse<String> response = server.post(
                MODEL + "/generate",
                Map.of(
                        "text_input",
                        "Describe the video.",
                        "video",
                        base64(SAMPLES.resolve("digits-32x168-1.mp4")),
                        "return_kept_tokens",
                        true,
                        "parameters",
                        Map.of("compression_ratio", 5, "layer_budgets", "uniform")));
        JsonNode kept = JSON.readTree(json(response).path("kept_tokens").asString());
        JsonNode clip = kept.path("visual_inputs").get(0);
        assertThat(clip.path("grid").toString()).isEqualTo("{\"t\":16,\"h\":6,\"w\":6}");
        int budget = (kept.path("prompt_tokens").asInt() + 4) / 5;
        assertThat(kept.path("kept_tokens")).hasSize(8).allMatch(each -> each.asInt() == budget);
        for (JsonNode layer : clip.path("shares")) {
            double all = layer.valueStream().mapToDouble(JsonNode::asDouble).sum();
            assertThat(all).isBetween(1.0, budget - 4.0); // the first four tokens are text, and kept
            assertThat(layer).allMatch(share -> List.of(0.0, 0.5, 1.0).contains(share.asDouble()));
        }
    }

    @Test
    void theModelIsDescribedAsTritonDoes() throws Exception {
        assertThat(json(server.get("/v2")).path("version").asString()).isEqualTo("2.51.0");
        assertThat(json(server.get(MODEL)).path("platform").asString()).isEqualTo("purekv");
        assertThat(json(server.get(MODEL + "/config"))
                        .path("model_transaction_policy")
                        .path("decoupled")
                        .asBoolean())
                .isTrue();
        assertThat(server.get(MODEL + "/ready").statusCode()).isEqualTo(200);
        assertThat(server.get("/v2/models/absent").statusCode()).isEqualTo(404);
        assertThat(json(server.post("/v2/repository/index", "")).toString()).contains("\"moving-digits\"", "READY");
    }

    @Test
    void unloadingAndLoadingWork() throws Exception {
        assertThat(server.post("/v2/repository/models/moving-digits/unload", "").statusCode())
                .isEqualTo(200);
        await(() -> server.post("/v2/repository/index", "").body().contains("unloaded"));
        assertThat(server.post(MODEL + "/generate", Map.of("text_input", "hi")).statusCode())
                .isEqualTo(404);
        assertThat(server.post("/v2/repository/models/moving-digits/load", "").statusCode())
                .isEqualTo(200);
        assertThat(server.get(MODEL + "/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void metricsCountWhatWasAnswered() throws Exception {
        server.ask(SAMPLES.resolve("digits-16x112-1.mp4"), "How many digits are there?");
        assertThat(server.metrics().body())
                .containsPattern("nv_inference_request_success\\{model=\"moving-digits\",version=\"1\"} [1-9]");
    }

    private interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    private static void await(Condition condition) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(50);
        }
    }
}
