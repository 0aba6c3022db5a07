package dev.purekv.triton;

import static dev.purekv.triton.Requests.bytes;
import static dev.purekv.triton.Requests.element;
import static dev.purekv.triton.Requests.flag;
import static dev.purekv.triton.Requests.request;
import static dev.purekv.triton.Requests.run;
import static dev.purekv.triton.Requests.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.triton.Requests.Heard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The demonstration model in a real Triton, asked its sample questions with a cut cache. */
class CompressedAnswersTest {
    private static final Path REPOSITORY = Path.of("..", "model-repository");
    private static final Path SAMPLES = REPOSITORY.resolve("moving-digits/samples");

    private static EmbeddedServer server;

    @BeforeAll
    static void start() {
        server = EmbeddedServer.start(EmbeddedServerOptions.of(REPOSITORY));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Heard ask(JsonNode question, Map<String, Object> parameters)
            throws IOException, InterruptedException {
        Map<String, Object> all = new HashMap<>(parameters);
        all.put("return_kv_metrics", true);
        return run(
                server,
                request(
                        "moving-digits",
                        all,
                        text("text_input", question.path("question").asString()),
                        bytes(
                                "video",
                                Files.readAllBytes(
                                        SAMPLES.resolve(question.path("clip").asString()))),
                        flag("exclude_input_in_output", true)));
    }

    private static JsonNode questions() {
        return JsonMapper.shared().readTree(SAMPLES.resolve("questions.json").toFile());
    }

    /** All are answered right with the full cache: they were chosen so. */
    @Test
    void aFifthOfTheCacheStillAnswersTheSampleQuestions() throws Exception {
        int asked = 0;
        int right = 0;
        for (JsonNode question : questions()) {
            Heard heard = ask(question, Map.of("kv_policy", "purekv", "compression_ratio", 5.0, "recent_tokens", 16L));
            Map<String, Object> told = heard.responses().get(0).parameters();
            asked++;
            right += heard.text().equals(question.path("answer").asString()) ? 1 : 0;
            long kept = (long) told.get("kv_cache_bytes");
            long full = (long) told.get("kv_cache_bytes_full");
            long entry = full / (long) told.get("prompt_tokens");
            assertThat(kept).isEqualTo((long) Math.ceil((long) told.get("prompt_tokens") / 5.0) * entry);
            assertThat((double) told.get("kv_compression_ratio")).isEqualTo((double) full / kept);
            assertThat((long) told.get("visual_tokens")).isGreaterThanOrEqualTo(128);
            assertThat((double) told.get("vision_ms")).isPositive();
            assertThat((double) told.get("scoring_ms")).isPositive().isLessThan((double) told.get("prefill_ms"));
        }
        assertThat(asked).isEqualTo(73);
        assertThat(right).as("right of %d", asked).isGreaterThanOrEqualTo(69);
    }

    /** This method keeps the first four and the latest tokens, so all shares are known. */
    @Test
    void theKeptTokensAreToldWithTheirGrid() throws Exception {
        Heard heard = ask(
                questions().get(0),
                Map.of(
                        "kv_policy",
                        "streaming_llm",
                        "compression_ratio",
                        5.0,
                        "layer_budgets",
                        "uniform",
                        "return_kept_tokens",
                        true));
        JsonNode told = JsonMapper.shared().readTree(element(heard.responses().get(0), "kept_tokens"));
        int tokens = told.path("prompt_tokens").asInt();
        int kept = (tokens + 4) / 5;
        assertThat(told.path("kept_tokens")).hasSize(8).allMatch(each -> each.asInt() == kept);
        assertThat(told.path("visual_inputs")).hasSize(1);
        JsonNode clip = told.path("visual_inputs").get(0);
        assertThat(clip.path("kind").asString()).isEqualTo("video");
        assertThat(clip.path("grid").toString()).isEqualTo("{\"t\":8,\"h\":4,\"w\":4}");
        assertThat(clip.path("frames").asInt()).isEqualTo(16);
        assertThat(clip.path("frames_per_slice").asInt()).isEqualTo(2);
        assertThat(clip.path("seconds_per_slice").asDouble()).isEqualTo(1.0);
        int first = clip.path("first_token").asInt();
        assertThat(first).isGreaterThan(4);
        assertThat(clip.path("shares")).hasSize(8);
        for (JsonNode layer : clip.path("shares")) {
            assertThat(layer).hasSize(128);
            for (int token = 0; token < 128; token++) {
                assertThat(layer.get(token).asDouble()).isEqualTo(first + token >= tokens - (kept - 4) ? 1 : 0);
            }
        }
    }

    @Test
    void aPromptOfTextAloneHasNoVisualInputsAndOnlyTheLastResponseTells() throws Exception {
        Heard heard = run(
                server,
                request(
                        "moving-digits",
                        Map.of("max_tokens", 3L, "ignore_eos", true),
                        text("text_input", "How many digits are there?"),
                        flag("stream", true),
                        flag("return_kept_tokens", true)));
        int last = heard.responses().size() - 1;
        assertThat(heard.responses().get(0).outputs())
                .noneMatch(output -> output.name().equals("kept_tokens"));
        JsonNode told = JsonMapper.shared().readTree(element(heard.responses().get(last), "kept_tokens"));
        assertThat(told.path("visual_inputs").isEmpty()).isTrue();
        assertThat(told.path("kept_tokens"))
                .hasSize(8)
                .allMatch(each -> each.asInt() == told.path("prompt_tokens").asInt());
    }

    @Test
    void nothingIsCutUnlessSomeoneAsks() throws Exception {
        Heard heard = ask(questions().get(0), Map.of());
        assertThat(heard.responses().get(0).parameters())
                .containsEntry("kv_compression_ratio", 1.0)
                .containsEntry("kv_note", "compression_ratio 1 keeps everything");
    }
}
