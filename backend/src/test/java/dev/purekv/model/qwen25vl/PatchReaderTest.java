package dev.purekv.model.qwen25vl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.media.Frame;
import dev.purekv.model.Grid;
import dev.purekv.model.VisualInput;
import dev.purekv.model.input.PixelNormalisation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class PatchReaderTest {
    private final PatchReader reader = new PatchReader(
            Qwen25VlConfig.read(Goldens.directory().resolve("untied/config.json"))
                    .vision(),
            PixelNormalisation.CLIP);

    @ParameterizedTest
    @CsvSource({"picture, IMAGE", "clip, VIDEO"})
    void agreesWithTheReferenceBitForBit(String name, VisualInput.Kind kind) {
        JsonNode golden = Goldens.json("pixels.json").path(name);
        VisualInput visual = Goldens.visual(kind, golden, golden.path("frames").binaryValue(), 1);
        float[] expected = floats(golden.path("rows").binaryValue());
        assertThat(reader.rows(
                        visual, rasterOrder(visual.grid()), 0, visual.grid().patches()))
                .isEqualTo(expected);
    }

    @Test
    void readsAnyRangeOfPatches() {
        JsonNode golden = Goldens.json("pixels.json").path("clip");
        VisualInput visual = Goldens.visual(
                VisualInput.Kind.VIDEO, golden, golden.path("frames").binaryValue(), 1);
        float[] expected = floats(golden.path("rows").binaryValue());
        assertThat(reader.rows(visual, rasterOrder(visual.grid()), 3, 2))
                .isEqualTo(Arrays.copyOfRange(expected, 3 * 1176, 5 * 1176));
    }

    static List<VisualInput> misfits() {
        Frame square = new Frame(28, 28, new byte[28 * 28 * 3]);
        Frame tall = new Frame(14, 28, new byte[14 * 28 * 3]);
        return List.of(
                new VisualInput(VisualInput.Kind.IMAGE, List.of(square, square), new Grid(1, 2, 2), 0),
                new VisualInput(VisualInput.Kind.IMAGE, List.of(square), new Grid(2, 2, 2), 0),
                new VisualInput(VisualInput.Kind.VIDEO, List.of(square, square), new Grid(2, 2, 2), 1),
                new VisualInput(VisualInput.Kind.IMAGE, List.of(square), new Grid(1, 2, 4), 0),
                new VisualInput(VisualInput.Kind.IMAGE, List.of(tall), new Grid(1, 2, 1), 0));
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void refusesFramesThatDoNotFitTheirGrid(VisualInput visual) {
        assertThatThrownBy(() -> reader.requireFits(visual))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got " + visual.frames().size() + " frames of");
    }

    private static int[] rasterOrder(Grid grid) {
        return IntStream.range(0, grid.h() * grid.w() / 4).toArray();
    }

    private static float[] floats(byte[] bytes) {
        float[] values = new float[bytes.length / 4];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }
}
