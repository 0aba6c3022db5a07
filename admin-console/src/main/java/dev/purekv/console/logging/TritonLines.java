package dev.purekv.console.logging;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads lines as Triton writes them, in either of its formats:
 *
 * <pre>
 * 2026-01-31T12:00:00Z E 4711 model_lifecycle.cc:654] "failed to load 'm' version 1: ..."
 * E0131 12:00:00.123456 4711 model_lifecycle.cc:654] "failed to load 'm' version 1: ..."
 * </pre>
 *
 * What its verbose levels add is marked I as well. A line without such a head, as those of a table are, belongs to the one before it.
 */
final class TritonLines {
    private static final Pattern HEAD =
            Pattern.compile("(?:\\S+T\\S+Z ([EWI])|([EWI])\\d{4} [\\d:.]+) \\d+ ([^\\]\\s]+)\\] ?(.*)");
    private static final Map<String, String> LEVELS = Map.of("E", "ERROR", "W", "WARN", "I", "INFO");
    private static final long READ = 1L << 20; // holds more lines than are kept

    private TritonLines() {}

    /** @return the last lines of a file */
    static List<LogLine> latest(Path file, Instant at) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
            long from = Math.max(0, open.length() - READ);
            byte[] bytes = new byte[(int) (open.length() - from)];
            open.seek(from);
            open.readFully(bytes);
            String text = new String(bytes, StandardCharsets.UTF_8);
            return read(from == 0 ? text : text.substring(text.indexOf('\n') + 1), at);
        }
    }

    /** @param at when they were written: Triton's own times are whole seconds, or lack the year */
    static List<LogLine> read(String text, Instant at) {
        List<LogLine> lines = new ArrayList<>();
        for (String each : text.lines().toList()) {
            Matcher head = HEAD.matcher(each);
            if (head.matches()) {
                String letter = head.group(1) == null ? head.group(2) : head.group(1);
                lines.add(new LogLine(at, LEVELS.get(letter), head.group(3), unquoted(head.group(4))));
            } else if (lines.isEmpty()) {
                lines.add(new LogLine(at, "INFO", "Triton", each));
            } else {
                LogLine before = lines.remove(lines.size() - 1);
                lines.add(new LogLine(at, before.level(), before.origin(), before.text() + "\n" + each));
            }
        }
        return lines;
    }

    private static String unquoted(String text) {
        boolean quoted = text.length() > 1 && text.startsWith("\"") && text.endsWith("\"");
        return quoted ? text.substring(1, text.length() - 1).replace("\\\"", "\"") : text;
    }
}
