package dev.purekv.fuzz;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** How the requests ended, and the first of each kind that ended badly. */
final class FuzzReport {
    private static final int SHOWN = 300;

    private final Map<String, AtomicInteger> verdicts = new TreeMap<>();
    private final Map<String, String> problems = new TreeMap<>();
    private final Map<String, String> refusals = new TreeMap<>();

    synchronized void count(String verdict) {
        verdicts.computeIfAbsent(verdict, unused -> new AtomicInteger()).incrementAndGet();
    }

    /**
     * @param what the kind of problem, without what differs from case to case
     * @param sample how to see it again
     */
    synchronized void problem(String what, String sample) {
        count("PROBLEM");
        problems.putIfAbsent(shortened(what.replaceAll("[0-9]+", "#")), shortened(sample));
    }

    /** Triton's own words for what it calls an internal error: for people to judge. */
    synchronized void judged(String what, String sample) {
        refusals.putIfAbsent(shortened(what.replaceAll("[0-9]+", "#")), shortened(sample));
    }

    private static String shortened(String text) {
        String line = text.replace("\r", "\\r").replace("\n", "\\n");
        return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "...";
    }

    synchronized Map<String, String> problems() {
        return new TreeMap<>(problems);
    }

    synchronized int ended(String verdict) {
        AtomicInteger count = verdicts.get(verdict);
        return count == null ? 0 : count.get();
    }

    @Override
    public synchronized String toString() {
        StringBuilder text = new StringBuilder(verdicts.toString());
        refusals.forEach((what, sample) -> text.append("\ninternal by Triton's word: ")
                .append(what)
                .append("\n    ")
                .append(sample));
        problems.forEach((what, sample) ->
                text.append("\nPROBLEM ").append(what).append("\n    ").append(sample));
        return text.toString();
    }
}
