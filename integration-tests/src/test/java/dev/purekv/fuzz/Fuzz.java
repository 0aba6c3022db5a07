package dev.purekv.fuzz;

import dev.purekv.it.Footprint;
import dev.purekv.it.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Mutated requests to the HTTP and gRPC doors of a server with the demonstration model and the stage. Each must be answered,
 * refused by a type, or hung up on; none may be taken for a failure inside; in between the server must answer a known
 * question as ever, and at the end be no larger than before.
 *
 * <p>Arguments are the number of requests and a seed; the README has the command. A third one is the number of the first
 * request: each is
 * made from the seed and its number alone.
 */
public final class Fuzz {
    private static final int CLIENTS = 8;
    private static final int QUESTION_EVERY = 1000;
    private static final int WARM_UP = 600;
    private static final Path CLIP = Path.of("model-repository/moving-digits/samples/digits-16x112-1.mp4");

    /** The whole heap from the start, so that the process grows by native memory alone. */
    private static final Map<String, String> FIXED_HEAP =
            Map.of("JAVA_TOOL_OPTIONS", "-Xms1g -Xmx1g -XX:+AlwaysPreTouch -XX:+UseSerialGC");

    private static final List<String> MUST_BE_ZERO =
            List.of("nv_inference_pending_request_count{", "purekv:num_requests_running{", "purekv:kv_cache_bytes{");

    private final RunningServer server;
    private final long seed;
    private final FuzzReport report = new FuzzReport();
    private final HttpTarget http;
    private final GrpcTarget grpc;
    private final FrameTarget frames;
    private final String answer;

    private Fuzz(RunningServer server, long seed) throws IOException, InterruptedException {
        this.server = server;
        this.seed = seed;
        http = new HttpTarget(server.httpPort(), report);
        grpc = new GrpcTarget(server.grpcPort(), report);
        frames = new FrameTarget(server.grpcPort(), report);
        answer = server.ask(CLIP, "Describe the video.");
    }

    /**
     * What a run came to.
     *
     * @param before the server after a first, short load
     * @param after the same at the end
     */
    record Result(FuzzReport report, Footprint before, Footprint after, long heapBytes) {}

    /** @param arguments number of requests, seed, and the number of the first request */
    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[0]);
        long seed = Long.parseLong(arguments[1]);
        int first = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 0;
        Path folder = Files.createTempDirectory("fuzz");
        System.out.println("the server's log will be in " + folder);
        Result result = run(folder, seed, first, count, true);
        System.out.println(result.report());
        System.out.println("before: " + result.before() + "; after: " + result.after() + "; heap in use "
                + result.heapBytes() / 1_000_000 + " MB");
        System.exit(result.report().problems().isEmpty() ? 0 : 1);
    }

    /** @param folder for copies of the models */
    static Result run(Path folder, long seed, int first, int count, boolean loud)
            throws IOException, InterruptedException {
        copyModels(folder);
        try (RunningServer server = RunningServer.start(folder, FIXED_HEAP, List.of("--purekv.http.idle-timeout=1s"))) {
            Fuzz fuzz = new Fuzz(server, seed);
            fuzz.send(first - WARM_UP, WARM_UP, false);
            Footprint before = fuzz.settled();
            fuzz.send(first, count, loud);
            Footprint after = fuzz.settled();
            fuzz.readLog();
            Files.writeString(folder.resolve("server.log"), server.log());
            fuzz.grpc.close();
            return new Result(fuzz.report, before, after, fuzz.heapAfterCollection());
        }
    }

    private static void copyModels(Path folder) throws IOException {
        Path repository = Path.of("model-repository");
        copy(repository.resolve("moving-digits/1"), folder.resolve("moving-digits/1"));
        copy(repository.resolve("kv_compression"), folder.resolve("kv_compression"));
        copy(repository.resolve("kv_compression"), folder.resolve("spare"));
        // Short answers, whatever a request makes of max_tokens.
        Files.writeString(folder.resolve("moving-digits/config.pbtxt"), """
                backend: "purekv"
                parameters { key: "max_sequence_tokens" value { string_value: "384" } }
                """);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(Files.isDirectory(file) ? target : target.getParent());
                if (Files.isRegularFile(file)) {
                    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private void send(int first, int count, boolean loud) throws IOException, InterruptedException {
        long start = System.nanoTime();
        for (int done = 0; done < count; done += QUESTION_EVERY) {
            int until = first + Math.min(count, done + QUESTION_EVERY);
            sendTogether(first + done, until);
            if (!server.alive()) {
                report.problem("the server is gone", "requests " + (first + done) + " to " + until);
                return;
            }
            askKnown(until);
            if (loud) {
                System.out.printf(
                        "%d of %d requests, %.0f s, %d problems%n",
                        until - first,
                        count,
                        (System.nanoTime() - start) / 1e9,
                        report.problems().size());
            }
        }
    }

    private void sendTogether(int from, int until) throws InterruptedException {
        AtomicInteger next = new AtomicInteger(from);
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                all.add(clients.submit(() -> {
                    for (int number = next.getAndIncrement(); number < until; number = next.getAndIncrement()) {
                        sendOne(number);
                    }
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException("the fuzz itself failed", e.getCause());
        } finally {
            clients.shutdownNow();
        }
    }

    private void sendOne(int number) {
        Random random = new Random(seed * 1_000_003 + number);
        random.nextInt(); // the first numbers of neighbouring seeds are alike
        String name = "seed " + seed + ", request " + number;
        int door = random.nextInt(100);
        if (door < 60) {
            http.send(name, random);
        } else if (door < 94) {
            grpc.send(name, random);
        } else {
            frames.send(name, random);
        }
    }

    private void askKnown(int until) throws IOException, InterruptedException {
        String now = server.ask(CLIP, "Describe the video.");
        if (!now.equals(answer)) {
            report.problem("the known question is answered wrongly: " + now, "up to request " + until);
        }
    }

    /** Waits until nothing is under way. */
    private Footprint settled() throws IOException, InterruptedException {
        for (int i = 0; i < 300; i++) {
            List<String> busy = server.metrics()
                    .body()
                    .lines()
                    .filter(line -> MUST_BE_ZERO.stream().anyMatch(line::startsWith) && !line.matches(".* 0(\\.0)?"))
                    .toList();
            if (busy.isEmpty()) {
                return Footprint.of(server.pid());
            }
            if (i == 299) {
                report.problem("something stays: " + busy, "after all requests");
            }
            Thread.sleep(100);
        }
        return Footprint.of(server.pid());
    }

    /** What the server itself took for a failure inside. */
    private void readLog() {
        server.log()
                .lines()
                .filter(line -> line.matches(".* (WARN|ERROR) .*|.*Exception.*"))
                .limit(40)
                .forEach(line -> report.problem(
                        "log: " + line.replaceFirst("^\\S+Z", "").replaceAll("[0-9a-f]{6,}|\\[[^]]*\\]", ""),
                        "the server's log"));
    }

    private long heapAfterCollection() throws IOException, InterruptedException {
        new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/jcmd").toString(),
                        String.valueOf(server.pid()),
                        "GC.run")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        return server.metrics()
                .body()
                .lines()
                .filter(line -> line.startsWith("jvm_memory_used_bytes{area=\"heap\"}"))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
