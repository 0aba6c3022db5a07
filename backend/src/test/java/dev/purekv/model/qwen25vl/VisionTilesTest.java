package dev.purekv.model.qwen25vl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.NoNativeLeak;
import dev.purekv.attention.FusedAttention;
import dev.purekv.model.VisualInput;
import dev.purekv.model.decoder.DecoderModel;
import dev.purekv.tensor.ComputeDevice;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where the tower pauses changes nothing of what it sees. */
@ExtendWith(NoNativeLeak.class)
class VisionTilesTest {
    @ParameterizedTest
    @CsvSource({"1, 6, 10, 7", "1, 20, 14, 33", "3, 6, 8, 5", "5, 4, 4, 1", "4, 18, 6, 100"})
    void everyTilingGivesTheSameTokens(int slices, int rows, int columns, int tile) {
        VisualInput visual = new RandomPrompt(rows)
                .visual(slices, rows, columns)
                .done()
                .visuals()
                .get(0);
        assertThat(tokens(visual, tile).sub(tokens(visual, 0)).abs().max().item_float())
                .isLessThan(1e-5f);
    }

    private static Tensor tokens(VisualInput visual, int tile) {
        try (DecoderModel model = Qwen25Vl.open(
                Goldens.directory().resolve("untied"), ComputeDevice.CPU, new FusedAttention(), 0, tile)) {
            long count =
                    (long) visual.grid().t() * visual.grid().h() * visual.grid().w() / 4;
            Tensor tokens = ComputeDevice.CPU.empty(count, 64);
            model.vision().encode(visual, tokens, () -> {});
            return tokens;
        }
    }
}
