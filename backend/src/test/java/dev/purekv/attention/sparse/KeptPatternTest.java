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

/** Survivors see what they saw among all tokens: pictures as in {@link SparsePatternTest}. */
class KeptPatternTest {
    /** A word, a video of 3 slices with 2 cells, a word, an image of 2 cells, a word. */
    private static final SparsePattern WHOLE =
            new SparsePattern(11, List.of(new VisualRun(1, 3, 2), new VisualRun(8, 1, 2)), SparseReach.FULL);

    @Test
    void survivorsKeepTheirSlicesAndCells() {
        // Left: word, slice 0 cell 1, slice 1 both, slice 2 cell 1, word, image cell 1, word.
        assertThat(drawn(WHOLE.kept(new int[] {0, 2, 3, 4, 6, 7, 9, 10})))
                .containsExactly(
                        "x.......", //
                        "xx......",
                        "x.x.....",
                        "xxxx....",
                        "xx.xx...",
                        "xxxxxx..",
                        "x....xx.",
                        "xxxxxxxx");
    }

    @Test
    void aSliceThatIsGoneStillCountsForTheWindow() {
        SparsePattern near = new SparsePattern(11, WHOLE.visuals(), new SparseReach(true, true, 1));
        // Slices 0 and 2 of the video: two apart, and the window reaches one.
        assertThat(drawn(near.kept(new int[] {0, 1, 2, 5, 6})))
                .containsExactly(
                        "x....", //
                        "xx...", "xxx..", "x..x.", "x..xx");
    }

    @Test
    void survivorsOfSurvivorsAreCountedFromTheFirstPrompt() {
        int[] twice = {1, 3, 6, 7};
        assertThat(drawn(WHOLE.kept(new int[] {0, 2, 3, 4, 6, 7, 9, 10}).kept(twice)))
                .containsExactlyElementsOf(drawn(WHOLE.kept(new int[] {2, 4, 9, 10})));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void theMaskIsTheDefinition(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        SparsePattern whole = Layouts.random(random);
        int[] survivors = Layouts.survivors(whole, random);
        KeptPattern kept = new KeptPattern(whole, survivors);
        int rows = random.nextInt(1, survivors.length + 1);
        int first = survivors.length - rows;
        float[] mask = kept.mask(first, rows, survivors.length);
        for (int row = 0; row < rows; row++) {
            for (int j = 0; j < survivors.length; j++) {
                boolean sees = whole.allows(survivors[first + row], survivors[j]);
                assertThat(kept.allows(first + row, j)).isEqualTo(sees);
                assertThat(mask[row * survivors.length + j]).isEqualTo(sees ? 0 : Float.NEGATIVE_INFINITY);
            }
        }
    }

    @Test
    void rejectsSurvivorsThatAreNotAscendingTokens() {
        for (int[] wrong : List.of(new int[] {3, 3}, new int[] {-1}, new int[] {4, 11}, new int[] {5, 2})) {
            assertThatThrownBy(() -> WHOLE.kept(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("ascending survivors below 11");
        }
    }

    private static List<String> drawn(Visibility pattern) {
        return IntStream.range(0, pattern.tokens())
                .mapToObj(i -> IntStream.range(0, pattern.tokens())
                        .mapToObj(j -> pattern.allows(i, j) ? "x" : ".")
                        .collect(Collectors.joining()))
                .toList();
    }
}
