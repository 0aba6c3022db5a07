package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.purekv.media.DecodedVideo;
import dev.purekv.media.Frame;
import dev.purekv.media.FrameChoice;
import dev.purekv.media.FrameSampling;
import dev.purekv.media.MediaLimits;
import dev.purekv.media.VideoDecoder;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelFamily;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.Sequence;
import dev.purekv.model.VisualInput;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.LibTorch;
import dev.purekv.text.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The demonstration model against the reference, step by step, on every clip and question of goldens.json: which frames are
 * seen, what the prompt's ids are, and what the model thinks of the first token.
 */
class DemonstrationParityIT {
    private static final Path GOLDENS = Path.of("integration-tests/src/test/resources/demo/goldens.json");
    private static final Path CHECKPOINT = Path.of("model-repository/moving-digits/1");

    /**
     * The goldens keep six digits, so logits of up to 18 are off by 5e-5 before anything is computed; float32 in another order
     * of sums adds its own. Seen so far: 4.6e-5 at most.
     */
    private static final float LOGITS = 1e-4f;

    private static LoadedModel loaded;

    /** One case of the goldens, shown by its clip and question. */
    record Golden(JsonNode json) {
        String text(String name) {
            return json.path(name).asString();
        }

        int[] ints(String name) {
            return StreamSupport.stream(json.path(name).spliterator(), false)
                    .mapToInt(JsonNode::asInt)
                    .toArray();
        }

        byte[] clip() throws IOException {
            return Files.readAllBytes(Path.of(text("clip")));
        }

        @Override
        public String toString() {
            return text("clip") + " " + text("question");
        }
    }

    static List<Golden> cases() throws IOException {
        List<Golden> cases = new ArrayList<>();
        JsonMapper.shared()
                .readTree(Files.readString(GOLDENS))
                .path("cases")
                .forEach(each -> cases.add(new Golden(each)));
        return cases;
    }

    static List<Golden> casesWithLogits() throws IOException {
        return cases().stream().filter(each -> each.json().has("firstLogits")).toList();
    }

    @BeforeAll
    static void open() {
        LibTorch.start();
        loaded = ModelFamily.open(CHECKPOINT, ModelSettings.read(Map.of()));
    }

    @AfterAll
    static void close() {
        loaded.close();
    }

    private static ModelPrompt prompt(Golden golden) throws IOException {
        return loaded.encoder()
                .encode(List.of(new Message(
                        "user", List.of(new Message.Video(golden.clip()), new Message.Text(golden.text("question"))))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theReferencesFramesAreSampledAndDecoded(Golden golden) throws IOException, NoSuchAlgorithmException {
        int[][] chosen = new int[1][];
        DecodedVideo video = VideoDecoder.decode(golden.clip(), MediaLimits.DEFAULT, () -> false, facts -> {
            chosen[0] = FrameSampling.DEFAULT.choose(facts.frames(), facts.framesPerSecond());
            return new FrameChoice(chosen[0], frame -> frame);
        });
        assertThat(chosen[0]).containsExactly(golden.ints("frameIndices"));
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (Frame frame : video.frames()) {
            digest.update(frame.rgb());
        }
        assertThat(HexFormat.of().formatHex(digest.digest())).isEqualTo(golden.text("framesSha256"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void thePromptHoldsTheReferencesIdsAndGrid(Golden golden) throws IOException {
        ModelPrompt prompt = prompt(golden);
        assertThat(prompt.ids()).containsExactly(golden.ints("promptIds"));
        VisualInput video = prompt.visuals().get(0);
        assertThat(video.secondsPerGrid())
                .isEqualTo(golden.json().path("secondsPerGrid").asDouble());
        assertThat(new int[] {video.grid().t(), video.grid().h(), video.grid().w()})
                .containsExactly(golden.ints("grid"));
    }

    @ParameterizedTest
    @MethodSource("casesWithLogits")
    void theFirstLogitsAreTheReferences(Golden golden) throws IOException {
        JsonNode expected = golden.json().path("firstLogits");
        float[] logits = new float[loaded.model().vocabulary()];
        try (PointerScope scope = new PointerScope();
                InferenceMode noGradients = new InferenceMode(true);
                Sequence sequence = loaded.model().begin(prompt(golden), 1)) {
            sequence.prefill(() -> {}).data_ptr_float().get(logits);
        }
        assertThat(logits).hasSize(expected.size());
        for (int id = 0; id < logits.length; id++) {
            float reference = (float) expected.get(id).asDouble();
            assertThat(logits[id]).as("logit of token %d", id).isCloseTo(reference, within(LOGITS));
        }
    }
}
