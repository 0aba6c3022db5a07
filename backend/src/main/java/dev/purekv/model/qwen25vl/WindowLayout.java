package dev.purekv.model.qwen25vl;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The attention windows of one slice. Windows lie on a grid of squares; those at the lower and right edge are as small as
 * what is left. They are ordered by size, which changes no result and lets windows of one size be computed as a batch.
 *
 * @param order the slice's cells (row by row) in the order in which the tower holds them
 * @param runs how many windows of which size follow one another
 */
record WindowLayout(int[] order, List<Run> runs) {
    /**
     * Windows of one size.
     *
     * @param start index of their first cell in the order
     * @param cells of one window
     */
    record Run(int start, int windows, int cells) {
        int end() {
            return start + windows * cells;
        }
    }

    WindowLayout {
        runs = List.copyOf(runs);
    }

    static WindowLayout of(int rows, int columns, int windowCells) {
        List<int[]> windows = new ArrayList<>(windows(rows, columns, windowCells));
        windows.sort(Comparator.comparingInt(window -> -window.length));
        int[] order = new int[rows * columns];
        List<Run> runs = new ArrayList<>();
        int filled = 0;
        for (int[] window : windows) {
            System.arraycopy(window, 0, order, filled, window.length);
            Run last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
            if (last != null && last.cells() == window.length) {
                runs.set(runs.size() - 1, new Run(last.start(), last.windows() + 1, last.cells()));
            } else {
                runs.add(new Run(filled, 1, window.length));
            }
            filled += window.length;
        }
        return new WindowLayout(order, runs);
    }

    /** @return the cells of each window, windows and cells row by row */
    static List<int[]> windows(int rows, int columns, int windowCells) {
        List<int[]> windows = new ArrayList<>();
        for (int top = 0; top < rows; top += windowCells) {
            for (int left = 0; left < columns; left += windowCells) {
                int height = Math.min(windowCells, rows - top);
                int width = Math.min(windowCells, columns - left);
                int[] cells = new int[height * width];
                for (int i = 0; i < cells.length; i++) {
                    cells[i] = (top + i / width) * columns + left + i % width;
                }
                windows.add(cells);
            }
        }
        return windows;
    }

    /** The whole slice as a single window, in the same order. */
    List<Run> wholeSlice() {
        return List.of(new Run(0, 1, order.length));
    }
}
