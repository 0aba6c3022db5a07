package dev.purekv.model.qwen25vl;

import dev.purekv.attention.sparse.SparseReach;
import dev.purekv.media.Frame;
import dev.purekv.model.Grid;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.VisualInput;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the reference implementation computed; written by integration-tests/reference/make_model_goldens.py. */
final class Goldens {
    /** The largest difference of a logit that rounding in another order may cause; logits are about 3. */
    static final float LOGITS = 1e-4f;

    /** One prompt, its positions on three axes, and per checkpoint the logits after the prompt and after each token. */
    record Case(String name, ModelPrompt prompt, int[][] positions, int delta, JsonNode expected) {
        int[] tokens(String checkpoint) {
            return ints(expected.path(checkpoint).path("tokens"));
        }

        float[] logits(String checkpoint, int step) {
            return floats(expected.path(checkpoint).path("logits").path(step));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** One prompt read with sparse layers, and the logits after it; by make_sparse_goldens.py in the same folder. */
    record SparseCase(String name, ModelPrompt prompt, int firstLayer, SparseReach reach, float[] logits) {
        @Override
        public String toString() {
            return name;
        }
    }

    private Goldens() {}

    static Path directory() {
        try {
            return Path.of(Goldens.class.getResource("/golden/qwen25vl").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<Case> cases() {
        return cases("cases.json");
    }

    static Case demonstration() {
        return cases("demonstration.json").get(0);
    }

    private static List<Case> cases(String file) {
        JsonNode root = json(file);
        return StreamSupport.stream(root.path("cases").spliterator(), false)
                .map(node -> new Case(
                        node.path("name").asString(),
                        new ModelPrompt(ints(node.path("ids")), visuals(node.path("visuals"), root.path("media"))),
                        new int[][] {
                            ints(node.path("positions").path(0)),
                            ints(node.path("positions").path(1)),
                            ints(node.path("positions").path(2))
                        },
                        node.path("delta").asInt(),
                        node.path("expected")))
                .toList();
    }

    static List<SparseCase> sparse() {
        JsonNode media = json("cases.json").path("media");
        return StreamSupport.stream(json("sparse.json").path("cases").spliterator(), false)
                .map(node -> new SparseCase(
                        node.path("name").asString(),
                        new ModelPrompt(ints(node.path("ids")), visuals(node.path("visuals"), media)),
                        node.path("firstLayer").asInt(),
                        new SparseReach(
                                node.path("spatial").asBoolean(),
                                node.path("temporal").asBoolean(),
                                node.path("window").asInt()),
                        floats(node.path("logits"))))
                .toList();
    }

    static Case named(String name) {
        return cases().stream()
                .filter(golden -> golden.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    static JsonNode json(String name) {
        return JsonMapper.shared().readTree(directory().resolve(name).toFile());
    }

    private static List<VisualInput> visuals(JsonNode nodes, JsonNode media) {
        List<VisualInput> visuals = new ArrayList<>();
        for (JsonNode node : nodes) {
            JsonNode medium = media.path(node.path("media").asString());
            visuals.add(visual(
                    VisualInput.Kind.valueOf(node.path("kind").asString()),
                    medium,
                    medium.path("rgb").binaryValue(),
                    node.path("secondsPerGrid").asDouble()));
        }
        return visuals;
    }

    static VisualInput visual(VisualInput.Kind kind, JsonNode size, byte[] rgb, double secondsPerGrid) {
        int width = size.path("width").asInt();
        int height = size.path("height").asInt();
        int bytes = width * height * 3;
        List<Frame> frames = new ArrayList<>();
        for (int i = 0; i < size.path("count").asInt(); i++) {
            frames.add(new Frame(width, height, Arrays.copyOfRange(rgb, i * bytes, (i + 1) * bytes)));
        }
        Grid grid = new Grid(Math.max(1, frames.size() / 2), height / 14, width / 14);
        return new VisualInput(kind, frames, grid, secondsPerGrid);
    }

    private static int[] ints(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }

    private static float[] floats(JsonNode node) {
        float[] values = new float[node.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) node.path(i).asDouble();
        }
        return values;
    }
}
