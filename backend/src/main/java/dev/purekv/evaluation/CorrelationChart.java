package dev.purekv.evaluation;

import java.awt.Color;
import java.awt.Paint;
import java.nio.file.Path;
import java.util.Locale;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.PaintScale;
import org.jfree.chart.renderer.xy.XYBlockRenderer;
import org.jfree.data.xy.DefaultXYZDataset;

/** How well each source layer ranks each layer, as a heat map with its numbers. */
final class CorrelationChart {
    private CorrelationChart() {}

    /** @param matrix (L, L), source by target */
    static void draw(double[][] matrix, Path file) {
        int layers = matrix.length;
        double[][] cells = new double[3][layers * layers];
        for (int source = 0; source < layers; source++) {
            for (int target = 0; target < layers; target++) {
                int cell = source * layers + target;
                cells[0][cell] = target;
                cells[1][cell] = source;
                cells[2][cell] = matrix[source][target];
            }
        }
        DefaultXYZDataset data = new DefaultXYZDataset();
        data.addSeries("correlation", cells);
        XYBlockRenderer blocks = new XYBlockRenderer();
        blocks.setPaintScale(new Shades());
        XYPlot plot = new XYPlot(data, axis("ranked layer", layers), axis("source layer", layers), blocks);
        for (int cell = 0; cell < layers * layers; cell++) {
            String number = String.format(Locale.ROOT, "%.2f", cells[2][cell]);
            plot.addAnnotation(new XYTextAnnotation(number, cells[0][cell], cells[1][cell]));
        }
        String title = "Spearman correlation of the source layer's scores with the layer's own importance";
        int side = Math.max(600, 40 * layers + 150);
        Pictures.save(new JFreeChart(title, null, plot, false), side, side, file);
    }

    private static NumberAxis axis(String name, int layers) {
        NumberAxis axis = new NumberAxis(name);
        axis.setRange(-0.5, layers - 0.5);
        axis.setStandardTickUnits(NumberAxis.createIntegerTickUnits());
        return axis;
    }

    /** White for no correlation, blue for a full one; red for the opposite. */
    private static final class Shades implements PaintScale {
        @Override
        public double getLowerBound() {
            return -1;
        }

        @Override
        public double getUpperBound() {
            return 1;
        }

        @Override
        public Paint getPaint(double value) {
            float strength = (float) Math.min(1, Math.abs(value));
            float pale = 1 - 0.7f * strength;
            return value < 0 ? new Color(1, pale, pale) : new Color(pale, pale, 1);
        }
    }
}
