package dev.purekv.console.logging;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import org.springframework.stereotype.Component;

/** The latest lines of Java and of Triton. Each side has its own room: a flood on one leaves those of the other. */
@Component
public final class LogTail {
    static final int KEPT = 300;

    private final Deque<LogLine> java = new ArrayDeque<>();
    private final Deque<LogLine> triton = new ArrayDeque<>();

    LogTail() {}

    void java(LogLine line) {
        add(java, line);
    }

    void triton(LogLine line) {
        add(triton, line);
    }

    private synchronized void add(Deque<LogLine> lines, LogLine line) {
        lines.addFirst(line);
        while (lines.size() > KEPT) {
            lines.removeLast();
        }
    }

    /** Newest first. */
    public synchronized List<LogLine> latest() {
        List<LogLine> all = new ArrayList<>(java);
        all.addAll(triton);
        // Stable: lines of one side stay in their order, whatever their clocks say.
        all.sort(Comparator.comparing(LogLine::at).reversed());
        return all;
    }
}
