package dev.purekv.evaluation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** What all trials say together: a row a variant, as CSV and as Markdown. */
final class Results {
    private final List<String> kinds;
    private final List<List<String>> rows = new ArrayList<>();

    Results(List<Variant> variants, List<Trial> trials) {
        kinds = trials.stream().map(Trial::kind).distinct().sorted().toList();
        rows.add(header());
        for (Variant variant : variants) {
            List<Trial> own = trials.stream()
                    .filter(each -> each.variant().equals(variant.name()))
                    .toList();
            if (!own.isEmpty()) {
                rows.add(row(variant, own));
            }
        }
    }

    private List<String> header() {
        List<String> names = new ArrayList<>(List.of("method", "ratio", "questions", "accuracy"));
        names.addAll(kinds);
        names.addAll(List.of(
                "agreement", "second-token KL", "bytes ratio", "vision ms", "prefill ms", "scoring ms", "ms a token"));
        return names;
    }

    private List<String> row(Variant variant, List<Trial> trials) {
        List<String> cells =
                new ArrayList<>(List.of(variant.method(), trimmed(variant.ratio()), Integer.toString(trials.size())));
        cells.add(share(trials));
        Map<String, List<Trial>> byKind =
                trials.stream().collect(Collectors.groupingBy(Trial::kind, TreeMap::new, Collectors.toList()));
        kinds.forEach(kind -> cells.add(byKind.containsKey(kind) ? share(byKind.get(kind)) : ""));
        cells.add(format(3, mean(trials, each -> each.agrees() ? 1 : 0)));
        cells.add(format(4, mean(trials, Trial::divergence)));
        cells.add(format(2, mean(trials, each -> (double) each.fullBytes() / each.cacheBytes())));
        cells.add(format(1, median(trials, Trial::visionMs)));
        cells.add(format(1, median(trials, Trial::prefillMs)));
        cells.add(format(2, median(trials, Trial::scoringMs)));
        cells.add(format(2, median(trials, each -> each.decodeMs() / Math.max(1, each.tokens()))));
        return cells;
    }

    private static String share(List<Trial> trials) {
        return format(3, mean(trials, each -> each.right() ? 1 : 0));
    }

    private static double mean(List<Trial> trials, ToDoubleFunction<Trial> value) {
        return trials.stream().mapToDouble(value).average().orElseThrow();
    }

    private static double median(List<Trial> trials, ToDoubleFunction<Trial> value) {
        List<Double> sorted = trials.stream()
                .map(value::applyAsDouble)
                .sorted(Comparator.naturalOrder())
                .toList();
        return sorted.get(sorted.size() / 2);
    }

    private static String trimmed(double ratio) {
        return ratio == Math.rint(ratio) ? Integer.toString((int) ratio) : Double.toString(ratio);
    }

    private static String format(int decimals, double value) {
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    String csv() {
        // Method names may hold a comma, and nothing else that CSV minds.
        return rows.stream()
                .map(row -> row.stream()
                        .map(cell -> cell.contains(",") ? '"' + cell + '"' : cell)
                        .collect(Collectors.joining(",")))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    String markdown() {
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            lines.add("| " + String.join(" | ", row) + " |");
        }
        lines.add(1, "|" + " --- |".repeat(rows.get(0).size()));
        return String.join("\n", lines) + "\n";
    }
}
