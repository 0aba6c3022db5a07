package dev.purekv.model.qwen25vl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.purekv.NoNativeLeak;
import dev.purekv.attention.Attention;
import dev.purekv.attention.FusedAttention;
import dev.purekv.attention.ReferenceAttention;
import dev.purekv.checkpoint.TensorFiles;
import dev.purekv.checkpoint.TensorFiles.Raw;
import dev.purekv.model.Sequence;
import dev.purekv.model.decoder.DecoderModel;
import dev.purekv.tensor.ComputeDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Logits of the prompt's last token and of greedy steps, against the reference, for every kind of checkpoint. */
@ExtendWith(NoNativeLeak.class)
class Qwen25VlGoldenTest {
    static List<Goldens.Case> cases() {
        return Goldens.cases();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesOnAFlatFloat32Checkpoint(Goldens.Case golden) {
        agrees(Goldens.directory().resolve("untied"), golden, "untied", new FusedAttention());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesOnATiedShardedBfloat16Checkpoint(Goldens.Case golden) {
        agrees(Goldens.directory().resolve("tied"), golden, "tied", new FusedAttention());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithAttentionAsItIsDefined(Goldens.Case golden) {
        agrees(Goldens.directory().resolve("untied"), golden, "untied", new ReferenceAttention());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesOnAFloat16CheckpointOfTheNewerNamesAndLayout(Goldens.Case golden, @TempDir Path directory)
            throws IOException {
        Map<String, Raw> narrow = new LinkedHashMap<>();
        untied().forEach((name, raw) -> narrow.put(newerName(name), half(raw)));
        TensorFiles.writeSharded(directory, narrow);
        Files.copy(Goldens.directory().resolve("config-nested.json"), directory.resolve("config.json"));
        agrees(directory, golden, "half", new FusedAttention());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWhenTheFileIsNotAligned(Goldens.Case golden, @TempDir Path directory) throws IOException {
        Path file = directory.resolve("model.safetensors");
        TensorFiles.write(file, untied(), 0);
        TensorFiles.write(file, untied(), (int) (5 - dataOffset(file) % 4));
        assertThat(dataOffset(file) % 4).isEqualTo(1);
        Files.copy(Goldens.directory().resolve("untied/config.json"), directory.resolve("config.json"));
        agrees(directory, golden, "untied", new FusedAttention());
    }

    @Test
    void agreesOnTheDemonstrationCheckpoint() {
        Path checkpoint = Path.of("..", "model-repository", "moving-digits", "1");
        agrees(checkpoint, Goldens.demonstration(), "demonstration", new FusedAttention());
    }

    private static void agrees(Path checkpoint, Goldens.Case golden, String expected, Attention attention) {
        int[] tokens = golden.tokens(expected);
        try (DecoderModel model = Qwen25Vl.open(checkpoint, ComputeDevice.CPU, attention, 0, 0);
                Sequence sequence = model.begin(golden.prompt(), tokens.length)) {
            close(sequence.prefill(() -> {}), golden.logits(expected, 0), "prefill");
            for (int step = 0; step < tokens.length; step++) {
                close(sequence.decode(tokens[step]), golden.logits(expected, step + 1), "step " + (step + 1));
            }
        }
    }

    private static void close(Tensor logits, float[] expected, String what) {
        float[] found = new float[expected.length];
        logits.data_ptr_float().get(found);
        assertThat(found).as(what).containsExactly(expected, within(Goldens.LOGITS));
    }

    private static Map<String, Raw> untied() {
        return TensorFiles.read(Goldens.directory().resolve("untied/model.safetensors"));
    }

    private static long dataOffset(Path file) throws IOException {
        return Files.size(file)
                - TensorFiles.read(file).values().stream()
                        .mapToLong(raw -> raw.bytes().length)
                        .sum();
    }

    private static String newerName(String name) {
        if (name.startsWith("visual.")) {
            return "model." + name;
        }
        return name.startsWith("model.") ? "model.language_model." + name.substring("model.".length()) : name;
    }

    private static Raw half(Raw raw) {
        byte[] bytes = new byte[raw.bytes().length / 2];
        Tensor half = Tensor.create(raw.bytes()).view(ScalarType.Float).to(ScalarType.Half);
        half.view(ScalarType.Byte).data_ptr_byte().get(bytes);
        return new Raw("F16", raw.shape(), bytes);
    }
}
