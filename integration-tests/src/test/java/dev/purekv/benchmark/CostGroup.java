package dev.purekv.benchmark;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** One request by several ways, the first of which is what the others are compared with. */
final class CostGroup {
    private static final int CLIENTS = 4;
    private static final int WINDOWS = 3;
    private static final int TURN = 5;
    private static final long REST_MILLIS = 300;
    private static final Duration WARM = Duration.ofSeconds(10);

    /** Sends the request and waits for its whole answer. */
    interface Call {
        void run() throws Exception;
    }

    private final String what;
    private final Map<String, Call> ways = new LinkedHashMap<>();

    private CostGroup(String what) {
        this.what = what;
    }

    static CostGroup stage(DirectCalls direct, DoorCalls doors) {
        CostGroup group = new CostGroup("kv_compression, 6 tokens");
        group.ways.put("Triton in the process", direct.stageByTriton());
        group.ways.put("the stage without Triton", direct.stageAlone());
        group.ways.put("HTTP infer, JSON", doors.stageJson());
        group.ways.put("HTTP infer, binary", doors.stageBinary());
        group.ways.put("gRPC ModelInfer", doors.stageGrpc());
        return group;
    }

    static CostGroup text(DirectCalls direct, DoorCalls doors) {
        CostGroup group = new CostGroup("moving-digits, text, 8 tokens");
        group.ways.put("Triton in the process", direct.textByTriton());
        group.ways.put("the engine without Triton", direct.textByEngine());
        group.ways.put("HTTP generate", doors.generate(null));
        group.ways.put("HTTP generate_stream", doors.generateStream());
        group.ways.put("OpenAI completions", doors.completion());
        group.ways.put("gRPC ModelStreamInfer", doors.textGrpc());
        return group;
    }

    static CostGroup clip(DirectCalls direct, DoorCalls doors) throws Exception {
        CostGroup group = new CostGroup("moving-digits, clip of 16 frames, 8 tokens");
        group.ways.put("Triton in the process", direct.clipByTriton());
        group.ways.put("HTTP generate", doors.generate(DirectCalls.clip()));
        group.ways.put("OpenAI chat", doors.chat(DirectCalls.clip()));
        return group;
    }

    /**
     * The ways take turns, some requests each, so that a slower moment slows all of them. Before its turn each way waits until
     * the threads of the one before have ceased to spin for work, and everything is awake again.
     */
    void latencies(int rounds) throws Exception {
        Map<String, List<Double>> millis = new LinkedHashMap<>();
        for (Map.Entry<String, Call> way : ways.entrySet()) {
            warm(way.getValue());
            millis.put(way.getKey(), new ArrayList<>());
        }
        for (int turn = 0; turn < rounds / TURN; turn++) {
            for (Map.Entry<String, Call> way : ways.entrySet()) {
                Thread.sleep(REST_MILLIS);
                for (int i = -3; i < TURN; i++) {
                    long start = System.nanoTime();
                    way.getValue().run();
                    double took = (System.nanoTime() - start) / 1e6;
                    if (i >= 0) {
                        millis.get(way.getKey()).add(took);
                    }
                }
            }
        }
        System.out.println(what + ": median milliseconds of " + rounds + ", and the tenth part that is fastest");
        double base = median(numbers(millis.values().iterator().next()));
        millis.forEach((way, all) -> {
            double[] sorted = numbers(all);
            Arrays.sort(sorted);
            print(
                    "  %-28s %8.2f  %+6.2f   (%.2f)",
                    way, median(sorted), median(sorted) - base, sorted[sorted.length / 10]);
        });
    }

    private static void warm(Call call) throws Exception {
        long end = System.nanoTime() + WARM.toNanos();
        while (System.nanoTime() < end) {
            call.run();
        }
    }

    /** Requests a second by several clients at once, in windows that take turns. */
    void throughput(Duration window) throws Exception {
        Map<String, List<Double>> rates = new LinkedHashMap<>();
        for (int i = -1; i < WINDOWS; i++) {
            for (Map.Entry<String, Call> way : ways.entrySet()) {
                Thread.sleep(REST_MILLIS);
                double rate = rate(way.getValue(), window);
                if (i >= 0) {
                    rates.computeIfAbsent(way.getKey(), unused -> new ArrayList<>())
                            .add(rate);
                }
            }
        }
        System.out.println(what + ": requests a second, " + CLIENTS + " clients, median of " + WINDOWS + " windows of "
                + window.toMillis() / 1000.0 + " s");
        double base = median(numbers(rates.values().iterator().next()));
        rates.forEach((way, all) ->
                print("  %-28s %8.1f  %+6.1f %%", way, median(numbers(all)), 100 * (median(numbers(all)) / base - 1)));
    }

    private static double rate(Call call, Duration window) throws Exception {
        long start = System.nanoTime();
        long end = start + window.toNanos();
        Callable<Integer> client = () -> {
            int count = 0;
            while (System.nanoTime() < end) {
                call.run();
                count++;
            }
            return count;
        };
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            int count = 0;
            for (Future<Integer> each : clients.invokeAll(Collections.nCopies(CLIENTS, client))) {
                count += each.get();
            }
            return count / ((System.nanoTime() - start) / 1e9);
        } finally {
            clients.shutdown();
        }
    }

    private static double[] numbers(List<Double> all) {
        return all.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static double median(double[] all) {
        double[] sorted = all.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    private static void print(String text, Object... values) {
        System.out.println(String.format(Locale.ROOT, text, values));
    }
}
