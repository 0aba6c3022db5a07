package dev.purekv.console.evaluation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The rank correlations of an evaluation, as a heat map's rows. */
final class CorrelationTable {
    /**
     * @param text with two decimals
     * @param step of the colour, 0 (none or negative) to 10
     */
    record Cell(String text, int step) {}

    private CorrelationTable() {}

    /**
     * @param file {@code correlations.csv}: source layer, layer, and their correlation, numbers alone
     * @return source layers, each with the layers it ranks; empty where there is no file
     */
    static List<List<Cell>> read(Path file) {
        if (!Files.isRegularFile(file)) {
            return List.of();
        }
        try {
            List<List<Cell>> rows = new ArrayList<>();
            for (String line : Files.readAllLines(file).stream().skip(1).toList()) {
                String[] cells = line.split(",");
                if (Integer.parseInt(cells[0]) == rows.size()) {
                    rows.add(new ArrayList<>());
                }
                rows.get(rows.size() - 1).add(cell(cells[2]));
            }
            return rows;
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + file, e);
        }
    }

    private static Cell cell(String text) {
        if (text.isEmpty()) {
            return new Cell("", 0);
        }
        double value = Double.parseDouble(text);
        return new Cell("%.2f".formatted(value), (int) Math.round(Math.max(0, value) * 10));
    }
}
