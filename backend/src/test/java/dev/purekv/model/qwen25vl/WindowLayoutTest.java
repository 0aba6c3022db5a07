package dev.purekv.model.qwen25vl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowLayoutTest {
    /** The index and the lengths that the reference computes for a slice of 12 x 10 patches and windows of 112 pixels. */
    @Test
    void cutsWindowsAtTheEdges() {
        List<int[]> windows = WindowLayout.windows(6, 5, 4);
        assertThat(windows.stream().flatMapToInt(Arrays::stream).toArray())
                .containsExactly(
                        0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 13, 15, 16, 17, 18, 4, 9, 14, 19, 20, 21, 22, 23, 25, 26,
                        27, 28, 24, 29);
        assertThat(windows).extracting(window -> window.length).containsExactly(16, 4, 8, 2);
    }

    /** The same slice with windows of 56 pixels. */
    @Test
    void laysWindowsOutRowByRow() {
        List<int[]> windows = WindowLayout.windows(6, 5, 2);
        assertThat(windows.stream().flatMapToInt(Arrays::stream).toArray())
                .containsExactly(
                        0, 1, 5, 6, 2, 3, 7, 8, 4, 9, 10, 11, 15, 16, 12, 13, 17, 18, 14, 19, 20, 21, 25, 26, 22, 23,
                        27, 28, 24, 29);
        assertThat(windows).extracting(window -> window.length).containsExactly(4, 4, 2, 4, 4, 2, 4, 4, 2);
    }

    @Test
    void leavesASliceOfOneWindowAsItIs() {
        WindowLayout layout = WindowLayout.of(4, 4, 4);
        assertThat(layout.order()).isEqualTo(IntStream.range(0, 16).toArray());
        assertThat(layout.runs()).containsExactly(new WindowLayout.Run(0, 1, 16));
    }

    @Test
    void joinsWindowsOfOneSize() {
        WindowLayout layout = WindowLayout.of(6, 5, 2);
        assertThat(layout.runs()).containsExactly(new WindowLayout.Run(0, 6, 4), new WindowLayout.Run(24, 3, 2));
        assertThat(layout.order()).startsWith(0, 1, 5, 6, 2, 3, 7, 8, 10, 11).endsWith(4, 9, 14, 19, 24, 29);
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 4", "3, 5, 2", "7, 9, 4", "8, 4, 4", "2, 11, 3"})
    void holdsEveryCellOnce(int rows, int columns, int windowCells) {
        WindowLayout layout = WindowLayout.of(rows, columns, windowCells);
        assertThat(layout.order())
                .containsExactlyInAnyOrder(IntStream.range(0, rows * columns).toArray());
        int end = 0;
        for (WindowLayout.Run run : layout.runs()) {
            assertThat(run.start()).isEqualTo(end);
            end = run.end();
        }
        assertThat(end).isEqualTo(rows * columns);
    }
}
