package dev.purekv.console.evaluation;

import dev.purekv.evaluation.Result;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Right answers against what they cost; what {@code evaluation-chart.js} draws.
 *
 * @param x and {@code y}: labels of the axes
 */
record QualityChart(String x, String y, List<Series> series) {
    /**
     * A method, and a way to read the prompt where it is not dense.
     *
     * @param points (x, y), by x
     */
    record Series(String name, List<double[]> points) {}

    static QualityChart byBytes(List<Result> results) {
        return of(results, "cache, KB", each -> Math.rint(each.cacheBytes() / 1000));
    }

    static QualityChart byTime(List<Result> results) {
        return of(results, "first token, ms", each -> Math.rint(each.firstTokenMs() * 10) / 10);
    }

    private static QualityChart of(List<Result> results, String label, ToDoubleFunction<Result> x) {
        Map<String, List<double[]>> lines = new LinkedHashMap<>();
        for (Result each : results) {
            String name = each.prefill().equals("dense")
                    ? each.method()
                    : each.method() + ", " + each.prefill().replace('_', ' ');
            lines.computeIfAbsent(name, unused -> new ArrayList<>())
                    .add(new double[] {x.applyAsDouble(each), each.accuracy()});
        }
        List<Series> series = new ArrayList<>();
        lines.forEach((name, points) -> {
            points.sort(Comparator.comparingDouble(point -> point[0]));
            series.add(new Series(name, points));
        });
        return new QualityChart(label, "right answers", series);
    }
}
