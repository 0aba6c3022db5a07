package dev.purekv.attention.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The oracle against pictures drawn by hand: a row is a token, x is a token that it sees. */
class SparsePatternTest {
    /** A word, a video of 3 slices with 2 cells, a word, an image of 2 cells, a word. */
    private static final List<VisualRun> VIDEO_AND_IMAGE = List.of(new VisualRun(1, 3, 2), new VisualRun(8, 1, 2));

    private static final int TOKENS = 11;

    @Test
    void looksAtTextOwnSliceAndOwnCell() {
        assertThat(drawn(SparseReach.FULL))
                .containsExactly(
                        "x..........", //
                        "xx.........", // slice 0
                        "xxx........",
                        "xx.x.......", // slice 1
                        "x.xxx......",
                        "xx.x.x.....", // slice 2
                        "x.x.xxx....",
                        "xxxxxxxx...", // text
                        "x......xx..", // the image sees no cell of the video
                        "x......xxx.",
                        "xxxxxxxxxxx");
    }

    @Test
    void limitsTheSlicesThatItLooksBack() {
        assertThat(drawn(new SparseReach(true, true, 1)).subList(3, 7))
                .containsExactly(
                        "xx.x.......", //
                        "x.xxx......",
                        "x..x.x.....",
                        "x...xxx....");
    }

    @Test
    void seesItselfWhenTheSliceIsNotLookedAt() {
        assertThat(drawn(new SparseReach(false, true, SparseReach.ALL_SLICES)).subList(1, 10))
                .containsExactly(
                        "xx.........", //
                        "x.x........",
                        "xx.x.......",
                        "x.x.x......",
                        "xx.x.x.....",
                        "x.x.x.x....",
                        "xxxxxxxx...",
                        "x......xx..",
                        "x......x.x.");
    }

    @Test
    void looksAtNoOtherSliceWhenTimeIsNotLookedAt() {
        assertThat(drawn(new SparseReach(true, false, SparseReach.ALL_SLICES)).subList(3, 7))
                .containsExactly(
                        "x..x.......", //
                        "x..xx......",
                        "x....x.....",
                        "x....xx....");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void isCausalAndShowsEachTokenItself(long seed) {
        SparsePattern pattern = Layouts.random(new SplittableRandom(seed));
        for (int i = 0; i < pattern.tokens(); i++) {
            int[] seen = pattern.seen(i);
            assertThat(seen).isSorted().endsWith(i);
            for (int j = 0; j < pattern.tokens(); j++) {
                int token = j;
                assertThat(pattern.allows(i, j)).isEqualTo(IntStream.of(seen).anyMatch(each -> each == token));
            }
        }
    }

    @Test
    void isDenseWithoutImagesAndVideos() {
        SparsePattern pattern = new SparsePattern(4, List.of(), new SparseReach(false, false, 1));
        assertThat(drawn(pattern)).containsExactly("x...", "xx..", "xxx.", "xxxx");
    }

    @Test
    void rejectsRunsThatOverlapOrLeaveThePrompt() {
        VisualRun first = new VisualRun(2, 2, 3);
        assertThatThrownBy(() -> pattern(20, first, new VisualRun(7, 1, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("from 7 to 8 where 8 is the first free token");
        assertThatThrownBy(() -> pattern(7, first))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("within 7 tokens, got one from 2 to 8");
        assertThatThrownBy(() -> new VisualRun(0, 0, 4)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SparseReach(true, true, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got 0");
    }

    private static SparsePattern pattern(int tokens, VisualRun... visuals) {
        return new SparsePattern(tokens, List.of(visuals), SparseReach.FULL);
    }

    private static List<String> drawn(SparseReach reach) {
        return drawn(new SparsePattern(TOKENS, VIDEO_AND_IMAGE, reach));
    }

    private static List<String> drawn(SparsePattern pattern) {
        return IntStream.range(0, pattern.tokens())
                .mapToObj(i -> IntStream.range(0, pattern.tokens())
                        .mapToObj(j -> pattern.allows(i, j) ? "x" : ".")
                        .collect(Collectors.joining()))
                .toList();
    }
}
