package dev.purekv.cache;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The bytes that all caches of one model hold, whichever engine computes them: while a model is loaded again, its old engine and its new
 * one share them. Each has a ceiling of its own ({@link KvBudget}) and takes nothing that would lift the sum above it.
 *
 * <p>Who finds no room may stand in line. Nobody else gets anything before the first in line has, so that no engine takes for ever what
 * another waits for. Its monitor guards the budgets too. Any thread.
 */
final class KvLedger {
    private final List<KvBudget> open = new ArrayList<>();
    private final Deque<KvBudget> line = new ArrayDeque<>();
    private long heldBytes;

    /** The sum of all reservations. */
    synchronized long heldBytes() {
        return heldBytes;
    }

    /** The highest of the ceilings. */
    synchronized long ceilingBytes() {
        return open.stream().mapToLong(KvBudget::totalBytes).max().orElse(0);
    }

    synchronized boolean isEmpty() {
        return open.isEmpty();
    }

    synchronized void add(KvBudget budget) {
        open.add(budget);
    }

    synchronized void remove(KvBudget budget) {
        open.remove(budget);
        line.remove(budget);
    }

    synchronized boolean fits(KvBudget budget, long bytes) {
        boolean first = line.isEmpty() || line.peek() == budget;
        return first && bytes <= budget.totalBytes() - heldBytes;
    }

    synchronized void standInLine(KvBudget budget) {
        if (!line.contains(budget)) {
            line.add(budget);
        }
    }

    synchronized void leaveLine(KvBudget budget) {
        line.remove(budget);
    }

    synchronized void hold(long more) {
        heldBytes += more;
    }
}
