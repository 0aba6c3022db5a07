package dev.purekv.it;

import static dev.purekv.it.RunningServer.base64;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;

/** Questions of all kinds and lengths, and what the server answered to each when it had nothing else to do. */
final class SoakQuestions {
    private static final Path SAMPLES = Path.of("model-repository/moving-digits/samples");
    private static final List<Map<String, Object>> CACHES = List.of(
            Map.of("kv_policy", "full", "compression_ratio", 1),
            Map.of("kv_policy", "purekv", "compression_ratio", 5),
            Map.of("kv_policy", "snapkv", "compression_ratio", 2),
            Map.of("kv_policy", "purekv", "compression_ratio", 8, "sparse_attention_layer", 5));

    /**
     * One question.
     *
     * @param fields of the request, without {@code stream} and {@code parameters}
     */
    record Asked(Map<String, Object> fields, Map<String, Object> parameters, String answer) {
        Map<String, Object> request(boolean stream, Map<String, Object> more) {
            Map<String, Object> all = new HashMap<>(fields);
            Map<String, Object> merged = new HashMap<>(parameters);
            merged.putAll(more);
            all.put("stream", stream);
            all.put("parameters", merged);
            return all;
        }
    }

    private final List<Asked> questions = new ArrayList<>();

    /** Asks everything once, one after another. */
    static SoakQuestions ask(RunningServer server) throws IOException, InterruptedException {
        SoakQuestions questions = new SoakQuestions();
        Random random = new Random(5);
        List<Map<String, Object>> media = List.of(
                Map.of(),
                Map.of("image", picture()),
                Map.of("video", base64(SAMPLES.resolve("digits-16x112-1.mp4"))),
                Map.of("video", base64(SAMPLES.resolve("digits-16x168-1.mp4"))),
                Map.of("video", base64(SAMPLES.resolve("digits-32x168-1.mp4"))));
        for (Map<String, Object> medium : media) {
            for (Map<String, Object> cache : CACHES) {
                Map<String, Object> fields = new HashMap<>(medium);
                fields.put("text_input", random.nextBoolean() ? "Describe the video." : "How many digits are there?");
                fields.put("exclude_input_in_output", true);
                Map<String, Object> parameters = new HashMap<>(cache);
                parameters.put("max_tokens", 1 + random.nextInt(60));
                parameters.put("ignore_eos", random.nextBoolean());
                questions.add(server, new Asked(fields, parameters, ""));
            }
        }
        return questions;
    }

    private void add(RunningServer server, Asked question) throws IOException, InterruptedException {
        HttpResponse<String> response = server.post(Soak.GENERATE, question.request(false, Map.of()));
        if (response.statusCode() != 200) {
            throw new IllegalStateException("a question is refused by an idle server: " + response.body());
        }
        String answer = RunningServer.json(response).path("text_output").asString();
        questions.add(new Asked(question.fields(), question.parameters(), answer));
    }

    Asked any(Random random) {
        return questions.get(random.nextInt(questions.size()));
    }

    private static String picture() throws IOException {
        BufferedImage image = new BufferedImage(140, 112, BufferedImage.TYPE_INT_RGB);
        Graphics2D paint = image.createGraphics();
        paint.setColor(Color.RED);
        paint.drawString("7", 60, 60);
        paint.dispose();
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        return Base64.getEncoder().encodeToString(png.toByteArray());
    }
}
