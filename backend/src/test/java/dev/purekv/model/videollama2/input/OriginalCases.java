package dev.purekv.model.videollama2.input;

import dev.purekv.text.Message;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the original code computed; written by integration-tests/reference/make_videollama2_goldens.py. */
public final class OriginalCases {
    /** The largest difference that rounding in another order may cause; logits are about 3. */
    public static final float CLOSE = 1e-4f;

    /** One question to one checkpoint. */
    public record Case(JsonNode node) {
        public String name() {
            return node.path("name").asString();
        }

        /** Frames that the model is told to look at. */
        public int frames() {
            return node.path("frames").asInt();
        }

        public boolean padding() {
            return node.path("padding").asString().equals("pad");
        }

        public String question() {
            return node.path("question").asString();
        }

        public String prompt() {
            return node.path("prompt").asString();
        }

        /** As the original has them: one tag's id where the tokens of a picture or clip will stand. */
        public int[] ids() {
            return ints(node.path("ids"));
        }

        /** Tokens of the prompt with its picture or clip. */
        public int length() {
            return node.path("length").asInt();
        }

        public int[] answer() {
            return ints(node.path("tokens"));
        }

        public float[] logits(int step) {
            JsonNode row = node.path("logits").path(step);
            float[] values = new float[row.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) row.path(i).asDouble();
            }
            return values;
        }

        public String pixelsSha256() {
            return node.path("pixelsSha256").asString();
        }

        /** Numbers that few cases have: features, connected, embeddings. */
        public float[] floats(String what) {
            byte[] bytes =
                    Base64.getDecoder().decode(node.path(what).path("base64").asString());
            float[] values = new float[bytes.length / Float.BYTES];
            ByteBuffer.wrap(bytes)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(values);
            return values;
        }

        /** The question as a client would send it, with the frames that the original chose of a clip. */
        public List<Message> conversation(CodeVersion code) {
            Message.Part words = new Message.Text(question());
            List<Message.Part> parts = kind().equals("text") ? List.of(words) : List.of(medium(code), words);
            return List.of(new Message("user", parts));
        }

        private String kind() {
            return node.path("kind").asString();
        }

        private Message.Part medium(CodeVersion code) {
            int[] media = ints(node.path("media"));
            return switch (kind()) {
                case "image" -> new Message.Image(png(0, media[1], media[2]));
                case "gif" ->
                    new Message.Video(
                            Base64.getDecoder().decode(node.path("gif").asString()));
                case "video" -> frames(new UniformFrames(frames(), code).choose(media[0]), media);
                default -> frames(IntStream.range(0, media[0]).toArray(), media);
            };
        }

        private static Message.Part frames(int[] indices, int[] media) {
            return new Message.Frames(
                    Arrays.stream(indices)
                            .mapToObj(index -> png(index, media[1], media[2]))
                            .toList(),
                    2);
        }

        @Override
        public String toString() {
            return name();
        }
    }

    private OriginalCases() {}

    public static Path directory() {
        try {
            return Path.of(
                    OriginalCases.class.getResource("/golden/videollama2").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @param of "mistral", "qwen2", or "mistral-before" for the code before version 1.5 */
    public static List<Case> of(String of) {
        return StreamSupport.stream(json("cases.json").path("cases").path(of).spliterator(), false)
                .map(Case::new)
                .toList();
    }

    public static Case named(String of, String name) {
        return of(of).stream()
                .filter(golden -> golden.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    static JsonNode json(String name) {
        return JsonMapper.shared().readTree(directory().resolve(name).toFile());
    }

    static int[] ints(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }

    /** A picture by the formula of the script. */
    public static byte[] png(int index, int width, int height) {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int rgb = 0;
                for (int c = 0; c < 3; c++) {
                    rgb = rgb << 8 | (37 * index + 3 * y + 5 * x + 71 * c + 13 * ((x * y + index) % 17)) % 256;
                }
                picture.setRGB(x, y, rgb);
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(picture, "png", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
