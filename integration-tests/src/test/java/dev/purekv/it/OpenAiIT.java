package dev.purekv.it;

import static dev.purekv.it.RunningServer.JSON;
import static dev.purekv.it.RunningServer.base64;
import static dev.purekv.it.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.media.DecodedVideo;
import dev.purekv.media.Frame;
import dev.purekv.media.FrameChoice;
import dev.purekv.media.FrameSampling;
import dev.purekv.media.MediaLimits;
import dev.purekv.media.VideoDecoder;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The demonstration model behind OpenAI's paths. */
class OpenAiIT {
    private static final Path CLIP = Path.of("model-repository/moving-digits/samples/digits-16x112-1.mp4");
    private static final String QUESTION = "Describe the video.";
    private static final String CHAT = "/v1/chat/completions";

    private static RunningServer server;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = RunningServer.start(Path.of("model-repository"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Map<String, Object> chat(Object video, Map<String, Object> more) {
        Map<String, Object> body = new HashMap<>(more);
        body.put("model", "moving-digits");
        body.put(
                "messages",
                List.of(Map.of("role", "user", "content", List.of(video, Map.of("type", "text", "text", QUESTION)))));
        return body;
    }

    private static Map<String, Object> clip() throws IOException {
        return Map.of("type", "video_url", "video_url", Map.of("url", "data:video/mp4;base64," + base64(CLIP)));
    }

    private static JsonNode asked(Map<String, Object> body) throws IOException, InterruptedException {
        HttpResponse<String> response = server.post(CHAT, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json(response);
    }

    private static String content(JsonNode answer) {
        return answer.path("choices").path(0).path("message").path("content").asString();
    }

    @Test
    void answersAClipAsGenerateDoes() throws Exception {
        JsonNode answer = asked(chat(clip(), Map.of()));

        assertThat(content(answer)).isEqualTo(server.ask(CLIP, QUESTION)).isNotEmpty();
        assertThat(answer.path("choices").path(0).path("finish_reason").asString())
                .isEqualTo("stop");
        JsonNode usage = answer.path("usage");
        JsonNode details = usage.path("prompt_tokens_details");
        assertThat(details.path("visual_tokens").asInt())
                .isBetween(1, usage.path("prompt_tokens").asInt());
        assertThat(details.path("video_tokens")).isEqualTo(details.path("visual_tokens"));
        assertThat(details.path("image_tokens").asInt(-1)).isZero();
        assertThat(details.path("kept_kv_tokens").asInt())
                .isEqualTo(usage.path("prompt_tokens").asInt());
        assertThat(usage.path("total_tokens").asInt())
                .isEqualTo(usage.path("prompt_tokens").asInt()
                        + usage.path("completion_tokens").asInt());
    }

    @Test
    void streamsTheSameText() throws Exception {
        HttpResponse<String> response = server.post(
                CHAT, chat(clip(), Map.of("stream", true, "stream_options", Map.of("include_usage", true))));

        StringBuilder text = new StringBuilder();
        List<JsonNode> events = new ArrayList<>();
        assertThat(response.body()).endsWith("data: [DONE]\n\n");
        for (String event : response.body().replace("data: [DONE]\n\n", "").split("\n\n")) {
            events.add(JSON.readTree(event.substring("data: ".length())));
            text.append(events.get(events.size() - 1)
                    .path("choices")
                    .path(0)
                    .path("delta")
                    .path("content")
                    .asString(""));
        }
        assertThat(events).hasSizeGreaterThan(5);
        assertThat(text.toString()).isEqualTo(server.ask(CLIP, QUESTION));
        assertThat(events.get(events.size() - 1)
                        .path("usage")
                        .path("completion_tokens")
                        .asInt())
                .isPositive();
    }

    @Test
    void cutsTheCacheAsAskedAndSaysSo() throws Exception {
        JsonNode answer =
                asked(chat(clip(), Map.of("purekv", Map.of("compression_ratio", 4, "return_kv_metrics", true))));

        JsonNode cache = answer.path("purekv");
        assertThat(cache.path("kv_policy").asString()).isEqualTo("purekv");
        assertThat(cache.path("kv_cache_bytes").asLong())
                .isLessThan(cache.path("kv_cache_bytes_full").asLong() / 3);
        JsonNode usage = answer.path("usage");
        assertThat(usage.path("prompt_tokens_details").path("kept_kv_tokens").asInt())
                .isLessThan(usage.path("prompt_tokens").asInt() / 3);
    }

    @Test
    void countsPicturesAndClipsApart() throws Exception {
        String png = dataUri(decoded().frames().get(0));
        Map<String, Object> picture = Map.of("type", "image_url", "image_url", Map.of("url", png));
        List<Map<String, Object>> content = List.of(picture, clip(), Map.of("type", "text", "text", QUESTION));

        JsonNode details = asked(Map.of(
                        "model",
                        "moving-digits",
                        "max_tokens",
                        1,
                        "messages",
                        List.of(Map.of("role", "user", "content", content))))
                .path("usage")
                .path("prompt_tokens_details");

        int clip = asked(chat(clip(), Map.of("max_tokens", 1)))
                .path("usage")
                .path("prompt_tokens_details")
                .path("video_tokens")
                .asInt();
        assertThat(details.path("video_tokens").asInt()).isEqualTo(clip).isPositive();
        assertThat(details.path("image_tokens").asInt()).isPositive();
        assertThat(details.path("visual_tokens").asInt())
                .isEqualTo(clip + details.path("image_tokens").asInt());
    }

    @Test
    void takesTheFramesOfAClipForTheClip() throws Exception {
        List<String> frames = new ArrayList<>();
        DecodedVideo video = decoded();
        for (Frame frame : video.frames()) {
            frames.add(dataUri(frame));
        }

        JsonNode answer = asked(
                chat(Map.of("type", "video", "video", frames, "sample_fps", video.sampledFramesPerSecond()), Map.of()));

        assertThat(content(answer)).isEqualTo(server.ask(CLIP, QUESTION));
    }

    @Test
    void givesTheTextOfEachToken() throws Exception {
        JsonNode answer = asked(chat(clip(), Map.of("logprobs", true, "top_logprobs", 2, "max_tokens", 5)));

        StringBuilder text = new StringBuilder();
        JsonNode tokens = answer.path("choices").path(0).path("logprobs").path("content");
        for (JsonNode token : tokens) {
            text.append(token.path("token").asString());
            assertThat(token.path("logprob").asDouble()).isLessThanOrEqualTo(0);
            assertThat(token.path("top_logprobs").size()).isEqualTo(2);
            // Greedy by the checkpoint's own defaults: the token is the likeliest one.
            assertThat(token.path("top_logprobs").path(0).path("token").asString())
                    .isEqualTo(token.path("token").asString());
        }
        assertThat(tokens.size()).isEqualTo(5);
        assertThat(text.toString().strip()).isEqualTo(content(answer).strip());
        assertThat(answer.path("choices").path(0).path("finish_reason").asString())
                .isEqualTo("length");
    }

    @Test
    void stopsAtATextThatIsNotPartOfTheAnswer() throws Exception {
        String whole = server.ask(CLIP, QUESTION);
        String word = whole.split(" ")[2];

        JsonNode answer = asked(chat(clip(), Map.of("stop", List.of(word))));

        assertThat(content(answer)).isEqualTo(whole.substring(0, whole.indexOf(word)));
    }

    @Test
    void completesAPromptAsItStands() throws Exception {
        HttpResponse<String> response = server.post(
                "/v1/completions",
                Map.of("model", "moving-digits", "prompt", "a red 1 moves", "max_tokens", 4, "seed", 1));

        JsonNode answer = json(response);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(answer.path("usage").path("completion_tokens").asInt()).isBetween(1, 4);
        assertThat(answer.path("usage").path("prompt_tokens").asInt()).isLessThan(10);
    }

    @Test
    void listsAndTakesLanguageModelsAlone() throws Exception {
        assertThat(json(server.get("/v1/models")).path("data"))
                .extracting(model -> model.path("id").asString())
                .containsExactly("moving-digits");
        Map<String, Object> stage = chat(clip(), Map.of());
        stage.put("model", "kv_compression");
        HttpResponse<String> refused = server.post(CHAT, stage);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("no language model");
    }

    @Test
    void tellsTheModelsOwnRefusalInOpenAisShape() throws Exception {
        HttpResponse<String> role = server.post(
                CHAT, Map.of("model", "moving-digits", "messages", List.of(Map.of("role", "robot", "content", "hi"))));
        assertThat(role.statusCode()).isEqualTo(400);
        assertThat(json(role).path("error").path("message").asString()).contains("robot");

        HttpResponse<String> broken = server.post(
                CHAT,
                chat(Map.of("type", "video_url", "video_url", Map.of("url", "data:video/mp4;base64,AAAA")), Map.of()));
        assertThat(broken.statusCode()).isEqualTo(400);
    }

    /** The frames of the clip that the server samples. */
    private static DecodedVideo decoded() throws IOException {
        return VideoDecoder.decode(Files.readAllBytes(CLIP), MediaLimits.DEFAULT, () -> false, facts -> {
            int[] chosen = FrameSampling.DEFAULT.choose(facts.frames(), facts.framesPerSecond());
            return new FrameChoice(chosen, frame -> frame);
        });
    }

    private static String dataUri(Frame frame) throws IOException {
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(png(frame));
    }

    private static byte[] png(Frame frame) throws IOException {
        BufferedImage picture = new BufferedImage(frame.width(), frame.height(), BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < frame.width() * frame.height(); i++) {
            int red = frame.rgb()[3 * i] & 0xff;
            int green = frame.rgb()[3 * i + 1] & 0xff;
            int blue = frame.rgb()[3 * i + 2] & 0xff;
            picture.setRGB(i % frame.width(), i / frame.width(), red << 16 | green << 8 | blue);
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        ImageIO.write(picture, "png", file);
        return file.toByteArray();
    }
}
