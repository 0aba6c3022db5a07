package dev.purekv.engine;

import java.util.List;

/** Watches an answer for the texts that end it, and holds back what could be the beginning of one. */
final class StopTexts {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean reached;

    StopTexts(List<String> stops) {
        this.stops = stops;
    }

    /** @return text that may be given out now; after a stop nothing more comes */
    String push(String text) {
        if (reached) {
            return "";
        }
        held.append(text);
        int first = -1;
        for (String stop : stops) {
            int at = held.indexOf(stop);
            if (at >= 0 && (first < 0 || at < first)) {
                first = at;
            }
        }
        if (first >= 0) {
            reached = true;
            return take(first);
        }
        return take(held.length() - longestBeginning());
    }

    /** Whether a stop text came. */
    boolean reached() {
        return reached;
    }

    /** What was held back, at the end of an answer that no stop text ended. */
    String finish() {
        return reached ? "" : take(held.length());
    }

    private String take(int length) {
        String text = held.substring(0, length);
        held.delete(0, length);
        return text;
    }

    /** Length of the longest end of the held text that begins a stop text. */
    private int longestBeginning() {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (held.indexOf(stop.substring(0, length), held.length() - length) == held.length() - length) {
                    longest = length;
                }
            }
        }
        return longest;
    }
}
