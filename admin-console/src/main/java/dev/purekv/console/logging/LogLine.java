package dev.purekv.console.logging;

import java.time.Instant;

/**
 * A line of the log, Java's or Triton's.
 *
 * @param level in Java's words
 * @param origin the logger's class, or file and line of Triton's sources
 */
public record LogLine(Instant at, String level, String origin, String text) {
    private static final int LONGEST = 2000;

    public LogLine {
        text = text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
    }
}
