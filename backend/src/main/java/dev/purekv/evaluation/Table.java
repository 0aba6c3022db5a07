package dev.purekv.evaluation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Rows of text under a header, as CSV and as Markdown. */
record Table(List<String> header, List<List<String>> rows) {
    private static final Pattern FORMULA = Pattern.compile("^[=+\\-@\\t\\r]");
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?(E-?\\d+)?");
    private static final Pattern QUOTED = Pattern.compile("[,\"\\r\\n]");

    Table {
        header = List.copyOf(header);
        rows = List.copyOf(rows);
    }

    /** A row a variant. */
    static Table of(List<Summary> summaries) {
        List<String> kinds = summaries.stream()
                .flatMap(each -> each.accuracyByKind().keySet().stream())
                .distinct()
                .sorted()
                .toList();
        List<String> header = new ArrayList<>(List.of("method", "prefill", "ratio", "questions", "accuracy"));
        header.addAll(kinds);
        header.addAll(List.of(
                "agreement",
                "first-token KL",
                "second-token KL",
                "attention kept",
                "cache KB",
                "bytes ratio",
                "vision ms",
                "prefill ms",
                "scoring ms",
                "ms a token",
                "second question: accuracy",
                "second question: agreement"));
        return new Table(
                header, summaries.stream().map(each -> row(each, kinds)).toList());
    }

    private static List<String> row(Summary summary, List<String> kinds) {
        Variant variant = summary.variant();
        List<String> cells = new ArrayList<>(List.of(
                variant.method(),
                variant.prefill(),
                trimmed(variant.ratio()),
                Integer.toString(summary.questions()),
                format(3, summary.accuracy())));
        kinds.forEach(kind -> cells.add(format(3, summary.accuracyByKind().getOrDefault(kind, Double.NaN))));
        cells.add(format(3, summary.agreement()));
        cells.add(format(4, summary.firstDivergence()));
        cells.add(format(4, summary.secondDivergence()));
        cells.add(format(3, summary.mass()));
        cells.add(format(0, summary.cacheBytes() / 1000));
        cells.add(format(2, summary.byteRatio()));
        cells.add(format(1, summary.visionMs()));
        cells.add(format(1, summary.prefillMs()));
        cells.add(format(2, summary.scoringMs()));
        cells.add(format(2, summary.tokenMs()));
        cells.add(format(3, summary.followUpAccuracy()));
        cells.add(format(3, summary.followUpAgreement()));
        return cells;
    }

    /** A row a pair of layers. */
    static Table of(Correlations correlations) {
        List<List<String>> rows = new ArrayList<>();
        double[][] mean = correlations.meanHeads();
        double[][] perHead = correlations.perHead();
        for (int source = 0; source < mean.length; source++) {
            for (int target = 0; target < mean.length; target++) {
                rows.add(List.of(
                        Integer.toString(source),
                        Integer.toString(target),
                        format(4, mean[source][target]),
                        format(4, perHead[source][target])));
            }
        }
        return new Table(List.of("source layer", "layer", "mean of heads", "per head"), rows);
    }

    static String trimmed(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }

    /** @return empty for what is not a number */
    private static String format(int decimals, double value) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    String csv() {
        return lines().stream()
                .map(row -> row.stream().map(Table::field).collect(Collectors.joining(",")))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    /** Spreadsheets run what begins like a formula, and whoever writes questions names their kinds: a quote makes it text. */
    private static String field(String cell) {
        boolean formula = FORMULA.matcher(cell).find() && !NUMBER.matcher(cell).matches();
        String safe = formula ? "'" + cell : cell;
        return QUOTED.matcher(safe).find() ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
    }

    String markdown() {
        List<String> lines = new ArrayList<>();
        lines().forEach(row -> lines.add(row.stream()
                .map(cell -> cell.replaceAll("\\v+", " ").replace("|", "\\|"))
                .collect(Collectors.joining(" | ", "| ", " |"))));
        lines.add(1, "|" + " --- |".repeat(header.size()));
        return String.join("\n", lines) + "\n";
    }

    private List<List<String>> lines() {
        List<List<String>> lines = new ArrayList<>(List.of(header));
        lines.addAll(rows);
        return lines;
    }
}
