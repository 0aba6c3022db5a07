package dev.purekv.benchmark;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntToDoubleFunction;

/** One request by several ways, the first of which is what the others are compared with. */
final class CostGroup {
    private static final int CLIENTS = 4;
    private static final int WINDOWS = 20;
    private static final int WARM_CALLS = 3000; // until the JVM has compiled what a request runs through
    private static final Duration WARM_WINDOW = Duration.ofSeconds(10);
    private static final Duration WARM_AT_MOST = Duration.ofSeconds(60);

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
        group.ways.put("the same once more", direct.stageByTriton());
        group.ways.put("the stage without Triton", direct.stageAlone());
        group.ways.put("HTTP infer, JSON", doors.stageJson());
        group.ways.put("HTTP infer, binary", doors.stageBinary());
        group.ways.put("gRPC ModelInfer", doors.stageGrpc());
        return group;
    }

    static CostGroup text(DirectCalls direct, DoorCalls doors) {
        CostGroup group = new CostGroup("moving-digits, text, 8 tokens in one piece");
        group.ways.put("Triton in the process", direct.textByTriton(false));
        group.ways.put("the same once more", direct.textByTriton(false));
        group.ways.put("HTTP generate", doors.generate(null));
        group.ways.put("OpenAI completions", doors.completion(false));
        group.ways.put("gRPC ModelStreamInfer", doors.streamGrpc(null, false));
        return group;
    }

    static CostGroup streamed(DirectCalls direct, DoorCalls doors) {
        CostGroup group = new CostGroup("moving-digits, text, 8 tokens one by one");
        group.ways.put("Triton in the process", direct.textByTriton(true));
        group.ways.put("the same once more", direct.textByTriton(true));
        group.ways.put("HTTP generate_stream", doors.generateStream());
        group.ways.put("OpenAI completions", doors.completion(true));
        group.ways.put("gRPC ModelStreamInfer", doors.streamGrpc(null, true));
        return group;
    }

    /** Apart from the doors, and last: a second engine in the process takes its part of the cores. */
    static CostGroup engine(DirectCalls direct) {
        CostGroup group = new CostGroup("moving-digits, text, 8 tokens, with a second engine in the process");
        group.ways.put("Triton in the process", direct.textByTriton(false));
        group.ways.put("the same once more", direct.textByTriton(false));
        group.ways.put("the engine without Triton", direct.textByEngine());
        return group;
    }

    static CostGroup clip(DirectCalls direct, DoorCalls doors) throws Exception {
        CostGroup group = new CostGroup("moving-digits, clip of 16 frames, 8 tokens");
        group.ways.put("Triton in the process", direct.clipByTriton());
        group.ways.put("the same once more", direct.clipByTriton());
        group.ways.put("HTTP generate", doors.generate(DirectCalls.clip()));
        group.ways.put("OpenAI chat", doors.chat(DirectCalls.clip()));
        group.ways.put("gRPC ModelStreamInfer", doors.streamGrpc(DirectCalls.clip(), false));
        return group;
    }

    /**
     * Each round asks by every way once, in an order of its own, so that a slower moment slows all of them, and none always follows
     * the same. What a way adds is the median of its differences from the first way within the rounds. The first way is asked once
     * more as a way of its own: what it seems to add is noise.
     */
    void latencies(int rounds) throws Exception {
        Map<String, List<Double>> millis = rounds(rounds, CostGroup::warm, CostGroup::millis);
        System.out.println(what + ": median milliseconds of " + rounds
                + "; what is added in the same round, median and its " + "interval of 95 percent");
        double[] base = numbers(millis.values().iterator().next());
        millis.forEach((way, all) -> {
            double[] added = new double[rounds];
            Arrays.setAll(added, i -> all.get(i) - base[i]);
            Arrays.sort(added);
            int margin =
                    (int) Math.ceil(0.98 * Math.sqrt(rounds)); // ranks about the median, by the binomial distribution
            print(
                    "  %-28s %8.2f  %+6.2f   (%+.2f to %+.2f)",
                    way,
                    median(numbers(all)),
                    median(added),
                    added[Math.max(0, rounds / 2 - margin)],
                    added[Math.min(rounds - 1, rounds / 2 + margin)]);
        });
    }

    private interface Measure {
        double of(Call call) throws Exception;
    }

    private interface Warming {
        void with(Call call) throws Exception;
    }

    /** Warms every way, and then measures each once a round. */
    private Map<String, List<Double>> rounds(int count, Warming warming, Measure measure) throws Exception {
        Map<String, List<Double>> measured = new LinkedHashMap<>();
        for (Map.Entry<String, Call> way : ways.entrySet()) {
            warming.with(way.getValue());
            measured.put(way.getKey(), new ArrayList<>());
        }
        List<String> order = new ArrayList<>(ways.keySet());
        Random random = new Random(1);
        for (int round = 0; round < count; round++) {
            Collections.shuffle(order, random);
            for (String way : order) {
                measured.get(way).add(measure.of(ways.get(way)));
            }
        }
        return measured;
    }

    private static double millis(Call call) throws Exception {
        long start = System.nanoTime();
        call.run();
        return (System.nanoTime() - start) / 1e6;
    }

    private static void warm(Call call) throws Exception {
        long end = System.nanoTime() + WARM_AT_MOST.toNanos();
        for (int i = 0; i < WARM_CALLS && System.nanoTime() < end; i++) {
            call.run();
        }
    }

    /**
     * Requests a second by several clients at once. Each round is a window of every way, in an order of its own; what a way changes is
     * the median of its ratios to the first way within the rounds.
     */
    void throughput(Duration window) throws Exception {
        Map<String, List<Double>> rates = rounds(WINDOWS, call -> rate(call, WARM_WINDOW), call -> rate(call, window));
        System.out.println(what + ": requests a second, " + CLIENTS + " clients, median of " + WINDOWS + " windows of "
                + window.toMillis() / 1000.0 + " s; change in the same round, median and its interval of 95 percent");
        double[] base = numbers(rates.values().iterator().next());
        rates.forEach((way, all) -> {
            Spread change = Spread.of(WINDOWS, i -> 100 * (all.get(i) / base[i] - 1));
            print(
                    "  %-28s %8.1f  %+6.1f %%   (%+.1f to %+.1f)",
                    way, median(numbers(all)), change.median(), change.low(), change.high());
        });
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

    /** A median and its interval of 95 percent, by the binomial distribution of ranks. */
    private record Spread(double median, double low, double high) {
        static Spread of(int count, IntToDoubleFunction values) {
            double[] sorted = new double[count];
            Arrays.setAll(sorted, values);
            Arrays.sort(sorted);
            int margin = (int) Math.ceil(0.98 * Math.sqrt(count));
            return new Spread(
                    CostGroup.median(sorted),
                    sorted[Math.max(0, count / 2 - margin)],
                    sorted[Math.min(count - 1, count / 2 + margin)]);
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
