package dev.purekv.evaluation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jfree.chart.ChartUtils;
import org.jfree.chart.JFreeChart;

/** Charts as PNG files. */
final class Pictures {
    private Pictures() {}

    static void save(JFreeChart chart, int width, int height, Path file) {
        try {
            ChartUtils.saveChartAsPNG(file.toFile(), chart, width, height);
        } catch (IOException e) {
            throw new UncheckedIOException("writing " + file, e);
        }
    }
}
