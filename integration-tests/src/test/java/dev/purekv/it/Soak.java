package dev.purekv.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A server under twice the load that it can take, of all kinds of requests and clients, that is told to load its model again every few
 * seconds. Each request must end in the answer that an idle server gave, or in a typed refusal; afterwards the process must be no
 * larger than before.
 *
 * <p>{@code integration-tests/deployment/soak.sh 24h purekv} does this for a day to the image, and for the jar:
 * {@code java -cp admin-console/target/admin-console.jar -Dloader.path=integration-tests/target/test-classes
 * -Dloader.main=dev.purekv.it.Soak org.springframework.boot.loader.launch.PropertiesLauncher 10000} in the repository's root, after
 * {@code mvn -DskipTests package}.
 */
public final class Soak {
    static final String GENERATE = "/v2/models/moving-digits/generate";

    /** Four answers at once, and five requests before them: see {@link #writeConfig}. */
    private static final int CLIENTS = 18;

    private static final List<String> MUST_BE_ZERO =
            List.of("nv_inference_pending_request_count{", "purekv:num_requests_running{", "purekv:kv_cache_bytes{");

    /** Most requests of the first load; after these the allocator has most of what it ever takes. */
    private static final int WARM_UP = 2000;

    private static final Duration RELOAD_EVERY = Duration.ofSeconds(3);

    /** The whole heap from the start, so that the process grows by native memory alone. */
    private static final String FIXED_HEAP = "-Xms512m -Xmx512m -XX:+AlwaysPreTouch";

    private final RunningServer server;
    private final Path config;
    private final SoakQuestions questions;
    private final SoakCounts counts = new SoakCounts();

    private Soak(RunningServer server, Path config) throws IOException, InterruptedException {
        this.server = server;
        this.config = config;
        this.questions = SoakQuestions.ask(server);
    }

    /**
     * What a soak came to.
     *
     * @param before resident bytes and threads of the server after a first, short load
     * @param after the same at the end
     * @param between requests between the two
     */
    record Result(SoakCounts counts, Footprint before, Footprint after, int between) {
        long grownBytes() {
            return after.residentBytes() - before.residentBytes();
        }

        @Override
        public String toString() {
            return "%s; before: %s; after: %s; grown by %d bytes per 1,000 requests in between"
                    .formatted(counts, before, after, grownBytes() * 1000 / Math.max(1, between));
        }
    }

    /** @param arguments number of requests, or a time such as 10m or 24h; then the image to run, if not the jar */
    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createTempDirectory("soak");
        boolean timed = arguments[0].matches("\\d+[smh]");
        int requests = timed ? Integer.MAX_VALUE : Integer.parseInt(arguments[0]);
        Duration time = timed ? time(arguments[0]) : Duration.ofHours(12);
        Optional<String> image = arguments.length > 1 ? Optional.of(arguments[1]) : Optional.empty();
        Result result = run(folder, requests, time, image);
        System.out.println(result);
        System.exit(result.counts().wrong.isEmpty() ? 0 : 1);
    }

    /** @param text such as 18s, 10m, 24h */
    static Duration time(String text) {
        return Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
    }

    /**
     * @param folder for a copy of the model
     * @param requests after which it ends
     * @param time after which it ends
     */
    static Result run(Path folder, int requests, Duration time) throws IOException, InterruptedException {
        return run(folder, requests, time, Optional.empty());
    }

    private static Result run(Path folder, int requests, Duration time, Optional<String> image)
            throws IOException, InterruptedException {
        Path model = folder.resolve("moving-digits");
        copy(Path.of("model-repository/moving-digits/1"), model.resolve("1"));
        Path config = model.resolve("config.pbtxt");
        writeConfig(config, 4);
        try (RunningServer server = image.isPresent()
                ? RunningServer.startImage(image.get(), folder, FIXED_HEAP)
                : RunningServer.start(folder, Map.of("JAVA_TOOL_OPTIONS", FIXED_HEAP))) {
            Soak soak = new Soak(server, config);
            soak.load(Math.min(requests / 5, WARM_UP), time.dividedBy(4));
            Footprint before = soak.rested();
            int warmedUp = soak.counts.total();
            soak.load(requests, time);
            return new Result(soak.counts, before, soak.rested(), soak.counts.total() - warmedUp);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            Files.createDirectories(to);
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    /** So few bytes that they, and not only the number of answers, decide who is admitted. */
    private static void writeConfig(Path config, int sequences) throws IOException {
        Path next = config.resolveSibling("next");
        Files.writeString(
                next,
                "backend: \"purekv\" parameters { key: \"kv_cache_bytes\" value { string_value: \"4MB\" } }"
                        + " parameters { key: \"max_concurrent_sequences\" value { string_value: \"" + sequences
                        + "\" } }");
        Files.move(next, config, StandardCopyOption.ATOMIC_MOVE);
    }

    private void load(int requests, Duration time) throws IOException, InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        AtomicInteger left = new AtomicInteger(requests);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            SoakClient client = new SoakClient(server, questions, counts, i + 100L * counts.total());
            Thread thread = new Thread(
                    () -> {
                        try (client) {
                            while (left.getAndDecrement() > 0 && System.nanoTime() < end) {
                                client.askOnce();
                            }
                        }
                    },
                    "client-" + i);
            thread.start();
            threads.add(thread);
        }
        reloadWhile(threads);
    }

    private void reloadWhile(List<Thread> threads) throws IOException, InterruptedException {
        for (int turn = 0; threads.stream().anyMatch(Thread::isAlive); turn++) {
            threads.get(turn % threads.size()).join(RELOAD_EVERY.toMillis());
            writeConfig(config, turn % 2 == 0 ? 5 : 4);
            HttpResponse<String> loaded = server.post("/v2/repository/models/moving-digits/load", Map.of());
            if (loaded.statusCode() != 200) {
                counts.wrong("loading again: " + loaded.body());
            }
            counts.reloads.incrementAndGet();
            if (turn % 20 == 19) {
                System.out.println(counts + "; " + Footprint.of(server.pid()));
            }
        }
    }

    /** The footprint once nobody waits any more and all bytes of cache have come back. */
    private Footprint rested() throws IOException, InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (pending() && System.nanoTime() < end) {
            Thread.sleep(100);
        }
        if (pending()) {
            counts.wrong("requests or bytes of cache are still there a minute after the last client");
        }
        return Footprint.of(server.pid());
    }

    private boolean pending() throws InterruptedException {
        try {
            return server.metrics()
                    .body()
                    .lines()
                    .filter(line -> MUST_BE_ZERO.stream().anyMatch(line::startsWith))
                    .anyMatch(line -> !line.endsWith(" 0"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
