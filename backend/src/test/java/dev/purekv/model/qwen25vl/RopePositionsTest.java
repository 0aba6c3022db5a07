package dev.purekv.model.qwen25vl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.media.Frame;
import dev.purekv.model.Grid;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.VisualInput;
import dev.purekv.model.decoder.PromptLayout;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RopePositionsTest {
    private static final Qwen25VlConfig CONFIG =
            Qwen25VlConfig.read(Goldens.directory().resolve("untied/config.json"));

    static List<Goldens.Case> cases() {
        return Goldens.cases();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheReference(Goldens.Case golden) {
        RopePositions positions = of(golden.prompt());
        assertThat(positions.time()).isEqualTo(golden.positions()[0]);
        assertThat(positions.height()).isEqualTo(golden.positions()[1]);
        assertThat(positions.width()).isEqualTo(golden.positions()[2]);
        assertThat(positions.delta()).isEqualTo(golden.delta());
    }

    /** Three text tokens, a video of 3 x 4 x 6 patches, two text tokens; two steps a second. */
    @ParameterizedTest
    @CsvSource({"1.0, 3, 5, 7, 8, -13", "0.5, 3, 4, 5, 6, -15", "0.75, 3, 4, 6, 7, -14", "0.2, 3, 3, 3, 6, -15"})
    void cutsTimeStepsAndNotSeconds(double seconds, int first, int second, int third, int following, int delta) {
        RopePositions positions = of(prompt(VisualInput.Kind.VIDEO, new Grid(3, 4, 6), seconds, 3, 2));
        assertThat(new int[] {
                    positions.time()[3], positions.time()[9], positions.time()[15]
                })
                .containsExactly(first, second, third);
        assertThat(positions.time()[21]).isEqualTo(following);
        assertThat(positions.height()[22]).isEqualTo(following + 1);
        assertThat(positions.delta()).isEqualTo(delta);
    }

    @Test
    void laysAnImageOutOnHeightAndWidthOnly() {
        RopePositions positions = of(prompt(VisualInput.Kind.IMAGE, new Grid(1, 4, 6), 9.0, 2, 2));
        assertThat(positions.time()).containsExactly(0, 1, 2, 2, 2, 2, 2, 2, 5, 6);
        assertThat(positions.height()).containsExactly(0, 1, 2, 2, 2, 3, 3, 3, 5, 6);
        assertThat(positions.width()).containsExactly(0, 1, 2, 3, 4, 2, 3, 4, 5, 6);
        assertThat(positions.delta()).isEqualTo(-3);
    }

    private static RopePositions of(ModelPrompt prompt) {
        return RopePositions.of(PromptLayout.of(prompt, CONFIG), CONFIG.vision());
    }

    private static ModelPrompt prompt(VisualInput.Kind kind, Grid grid, double seconds, int before, int after) {
        Frame frame = new Frame(grid.w() * 14, grid.h() * 14, new byte[grid.w() * grid.h() * 14 * 14 * 3]);
        int frames = kind == VisualInput.Kind.IMAGE ? 1 : 2 * grid.t();
        int placeholder = kind == VisualInput.Kind.IMAGE ? CONFIG.imageToken() : CONFIG.videoToken();
        int tokens = grid.patches() / 4;
        int[] ids = IntStream.range(0, before + tokens + after)
                .map(i -> i < before || i >= before + tokens ? 1 : placeholder)
                .toArray();
        return new ModelPrompt(ids, List.of(new VisualInput(kind, Collections.nCopies(frames, frame), grid, seconds)));
    }
}
