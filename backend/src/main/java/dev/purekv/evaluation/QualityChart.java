package dev.purekv.evaluation;

import java.awt.Color;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jfree.chart.ChartFactory;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** The share of right answers against what it costs: a line a method, which begins at the full cache. */
final class QualityChart {
    private final List<Summary> summaries;

    QualityChart(List<Summary> summaries) {
        this.summaries = summaries;
    }

    void byRatio(Path file) {
        save(
                "Right answers by compression ratio",
                "full cache over kept cache",
                each -> each.variant().ratio(),
                file);
    }

    void byTime(Path file) {
        save("Right answers by time to the first token", "vision and prefill, ms", Summary::firstTokenMs, file);
    }

    private void save(String title, String xAxis, ToDoubleFunction<Summary> x, Path file) {
        XYSeriesCollection data = new XYSeriesCollection();
        for (String line : summaries.stream()
                .filter(each -> shown(each.variant()))
                .map(each -> line(each.variant()))
                .distinct()
                .toList()) {
            XYSeries series = new XYSeries(line, false); // in the order of ratios, also where times are not
            points(line).forEach(each -> series.add(x.applyAsDouble(each), each.accuracy()));
            data.addSeries(series);
        }
        JFreeChart chart = ChartFactory.createXYLineChart(
                title, xAxis, "share of right answers", data, PlotOrientation.VERTICAL, true, false, false);
        XYPlot plot = chart.getXYPlot();
        plot.setRenderer(new XYLineAndShapeRenderer(true, true));
        plot.getRangeAxis().setAutoRangeMinimumSize(0.05); // else rounding draws equal methods apart
        plot.setBackgroundPaint(Color.WHITE);
        plot.setRangeGridlinePaint(Color.LIGHT_GRAY);
        ((NumberAxis) plot.getRangeAxis()).setAutoRangeIncludesZero(false);
        ((NumberAxis) plot.getDomainAxis()).setAutoRangeIncludesZero(false);
        Pictures.save(chart, 1000, 620, file);
    }

    /** Without a dense prefill, purekv alone: three times as many lines would hide each other. */
    private static boolean shown(Variant variant) {
        return !full(variant) && (dense(variant) || variant.method().equals("purekv"));
    }

    private static String line(Variant variant) {
        return dense(variant) ? variant.method() : variant.method() + ", " + variant.prefill();
    }

    private Stream<Summary> points(String line) {
        List<Summary> own = summaries.stream()
                .filter(each -> shown(each.variant()) && line(each.variant()).equals(line))
                .toList();
        String prefill = own.get(0).variant().prefill();
        return Stream.concat(
                summaries.stream()
                        .filter(each ->
                                full(each.variant()) && each.variant().prefill().equals(prefill)),
                own.stream());
    }

    private static boolean full(Variant variant) {
        return variant.method().equals(Variant.FULL.method());
    }

    private static boolean dense(Variant variant) {
        return variant.prefill().equals(PrefillPattern.DENSE.name());
    }
}
