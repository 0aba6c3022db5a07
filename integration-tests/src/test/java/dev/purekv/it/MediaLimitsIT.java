package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a picture or clip may cost is the operator's to say, in config.pbtxt, and each refusal says which parameter it is. */
class MediaLimitsIT {
    private static final Path MODEL = Path.of("model-repository/moving-digits");

    @TempDir
    private Path repository;

    private RunningServer server;
    private String clip;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        clip = RunningServer.base64(MODEL.resolve("samples/digits-16x112-1.mp4"));
        Files.createDirectories(repository.resolve("moving-digits/1"));
        write(Map.of());
        server = RunningServer.start(repository);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void write(Map<String, String> limits) throws IOException {
        Map<String, String> parameters = new HashMap<>(limits);
        parameters.put("checkpoint", MODEL.resolve("1").toAbsolutePath().toString());
        Files.writeString(
                repository.resolve("moving-digits/config.pbtxt"),
                parameters.entrySet().stream()
                        .map(each -> "parameters { key: \"%s\" value { string_value: \"%s\" } }\n"
                                .formatted(each.getKey(), each.getValue()))
                        .collect(Collectors.joining("", "backend: \"purekv\"\n", "")));
    }

    private HttpResponse<String> load(String name, String value) throws IOException, InterruptedException {
        write(Map.of(name, value));
        return server.post("/v2/repository/models/moving-digits/load", "");
    }

    /** Sixteen frames of 112x112 in two seconds; or one of 112x112 as a picture. */
    private HttpResponse<String> ask(String input, String file) throws IOException, InterruptedException {
        return server.post(
                "/v2/models/moving-digits/generate",
                Map.of(
                        "text_input",
                        "How many digits are there?",
                        input,
                        file,
                        "exclude_input_in_output",
                        true,
                        "max_tokens",
                        1));
    }

    private void isRefusedBelow(String input, String file, String name, String tooLittle, String enough)
            throws IOException, InterruptedException {
        assertThat(load(name, tooLittle).statusCode()).isEqualTo(200);
        HttpResponse<String> refused = ask(input, file);
        assertThat(refused.statusCode()).as(name + " " + refused.body()).isEqualTo(400);
        assertThat(RunningServer.json(refused).path("error").asString()).contains("'" + name + "'");
        assertThat(load(name, enough).statusCode()).isEqualTo(200);
        HttpResponse<String> answered = ask(input, file);
        assertThat(answered.statusCode()).as(name + " " + answered.body()).isEqualTo(200);
    }

    private static String picture() throws IOException {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(112, 112, BufferedImage.TYPE_INT_RGB), "png", png);
        return Base64.getEncoder().encodeToString(png.toByteArray());
    }

    @Test
    void aSmallerLimitRefusesByItsNameAndALargerOneLetsThrough() throws Exception {
        isRefusedBelow("image", picture(), "max_picture_pixels", "12543", "12544");
        isRefusedBelow("video", clip, "max_video_pixels", "12543", "12544");
        isRefusedBelow("video", clip, "max_video_frames", "15", "16");
        isRefusedBelow("video", clip, "max_video_seconds", "1", "10");
        isRefusedBelow("video", clip, "max_media_bytes", "1KB", "1MB");
    }

    @Test
    void aLimitThatIsNoneKeepsTheModelThatServes() throws Exception {
        HttpResponse<String> refused = load("max_video_seconds", "a while");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(RunningServer.json(refused).path("error").asString())
                .contains("'max_video_seconds'", "1 to 86400", "'a while'");
        assertThat(ask("video", clip).statusCode()).isEqualTo(200);
    }
}
