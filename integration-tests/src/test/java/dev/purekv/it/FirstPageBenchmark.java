package dev.purekv.it;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How soon the first page is there, in Chromium at a warm server on this machine: {@code mvn verify -Dtest=NoSuchTest
 * -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=FirstPageBenchmark}. It judges nothing.
 */
class FirstPageBenchmark {
    private static final int WARM_UP = 10;
    private static final int LOADS = 41;

    @TempDir
    static Path repository;

    @Test
    void measures() throws IOException, InterruptedException {
        try (ConsoleServer console = ConsoleServer.start(repository, "FirstPageBenchmark", 1);
                Browser browser = console.administrator()) {
            for (boolean cached : new boolean[] {false, true}) {
                double[][] loads = new double[LOADS][];
                for (int i = -WARM_UP; i < LOADS; i++) {
                    double[] load = load(browser, cached);
                    if (i >= 0) {
                        loads[i] = load;
                    }
                }
                say(cached ? "files in the browser's cache" : "nothing in the browser's cache", loads);
            }
        }
    }

    private static double[] load(Browser browser, boolean cached) {
        if (!cached) {
            browser.forget();
        }
        browser.open("/models");
        return browser.times();
    }

    private static void say(String how, double[][] loads) {
        List<String> names = List.of("answered", "can be used", "painted");
        StringBuilder line = new StringBuilder("The first page, " + how + ", median and largest of " + LOADS + ":");
        for (int i = 0; i < names.size(); i++) {
            int column = i;
            double[] sorted = Arrays.stream(loads)
                    .mapToDouble(load -> load[column])
                    .sorted()
                    .toArray();
            line.append(" %s after %.0f ms (%.0f);".formatted(names.get(i), sorted[LOADS / 2], sorted[LOADS - 1]));
        }
        System.out.println(line);
    }
}
