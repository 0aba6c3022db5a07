package dev.purekv.benchmark;

import dev.purekv.server.InferenceRequest;
import dev.purekv.server.TensorData;
import dev.purekv.triton.EmbeddedServer;
import dev.purekv.triton.EmbeddedServerOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Loads a model again and again with other settings while clients ask: the time that each load takes, the peak of the process's
 * memory over what it was before, and the requests that failed or were cut.
 *
 * <p>After {@code mvn -DskipTests package}, with the class path of a build:
 *
 * <pre>
 * mvn -q -pl backend dependency:build-classpath -Dmdep.outputFile=/tmp/classpath
 * java -Xms512m -Xmx512m -XX:+AlwaysPreTouch \
 *   -cp integration-tests/target/test-classes:backend/target/classes:$(cat /tmp/classpath) \
 *   dev.purekv.benchmark.ReloadBenchmark CHECKPOINT
 * </pre>
 */
public final class ReloadBenchmark {
    private static final int TOKENS = 6;
    private static final int CLIENTS = 2;

    private final EmbeddedServer server;
    private final AtomicBoolean enough = new AtomicBoolean();
    private final AtomicInteger answers = new AtomicInteger();
    private final AtomicInteger spoilt = new AtomicInteger();

    private ReloadBenchmark(EmbeddedServer server) {
        this.server = server;
    }

    /** @param arguments checkpoint folder, number of reloads */
    public static void main(String[] arguments) throws Exception {
        Path repository = Files.createTempDirectory("reload");
        Files.createDirectories(repository.resolve("model/1"));
        Path checkpoint = Path.of(arguments[0]).toRealPath();
        int reloads = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10;
        configure(repository, checkpoint, 0);
        EmbeddedServerOptions options = new EmbeddedServerOptions(repository, List.of(), Duration.ofSeconds(30), false);
        try (EmbeddedServer server = EmbeddedServer.start(options)) {
            System.out.printf(Locale.ROOT, "first load: %.3f s%n", seconds(server));
            new ReloadBenchmark(server).run(repository, checkpoint, reloads);
        }
    }

    private static void configure(Path repository, Path checkpoint, int round) throws IOException {
        String parameter = "parameters { key: \"%s\" value { string_value: \"%s\" } }%n";
        Files.writeString(
                repository.resolve("model/config.pbtxt"),
                "backend: \"purekv\"\n"
                        + parameter.formatted("checkpoint", checkpoint)
                        + parameter.formatted("compression_ratio", 1 + round % 8)
                        + parameter.formatted("max_sequence_tokens", 4096 - round));
    }

    private static double seconds(EmbeddedServer server) {
        long start = System.nanoTime();
        server.load("model", Map.of());
        return (System.nanoTime() - start) / 1e9;
    }

    private void run(Path repository, Path checkpoint, int reloads) throws Exception {
        ask(); // from here on all weights are in memory
        Thread[] clients = new Thread[CLIENTS];
        for (int i = 0; i < CLIENTS; i++) {
            clients[i] = new Thread(this::askAll);
            clients[i].start();
        }
        Thread.sleep(3000);
        long before = memory("VmRSS");
        Files.writeString(Path.of("/proc/self/clear_refs"), "5"); // the peak starts again from here
        double[] taken = new double[reloads];
        for (int i = 0; i < reloads; i++) {
            configure(repository, checkpoint, i + 1);
            taken[i] = seconds(server);
            Thread.sleep(500);
        }
        long peak = memory("VmHWM");
        enough.set(true);
        for (Thread each : clients) {
            each.join();
        }
        Arrays.sort(taken);
        System.out.printf(
                Locale.ROOT,
                "%d reloads: median %.3f s, longest %.3f s; memory %d MB before, %d MB at the peak (%+.1f percent); "
                        + "%d answers, %d failed or cut%n",
                reloads,
                taken[reloads / 2],
                taken[reloads - 1],
                before >> 20,
                peak >> 20,
                100.0 * (peak - before) / before,
                answers.get(),
                spoilt.get());
    }

    private void askAll() {
        while (!enough.get()) {
            if (ask()) {
                answers.incrementAndGet();
            } else {
                spoilt.incrementAndGet();
            }
        }
    }

    /** Whether the answer was whole. */
    private boolean ask() {
        byte[] words = "Describe the video.".getBytes(StandardCharsets.UTF_8);
        byte[] text = ByteBuffer.allocate(4 + words.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(words.length)
                .put(words)
                .array();
        InferenceRequest request = new InferenceRequest(
                "model",
                "",
                "",
                List.of(
                        new TensorData("text_input", "BYTES", new long[] {1}, text),
                        new TensorData("return_num_output_tokens", "BOOL", new long[] {1}, new byte[] {1})),
                List.of(),
                Map.of("max_tokens", (long) TOKENS, "ignore_eos", true));
        CompletableFuture<Boolean> whole = new CompletableFuture<>();
        server.infer(request, (response, last) -> {
            if (response != null) {
                whole.complete(response.error() == null && tokens(response.outputs()) == TOKENS);
            } else if (last) {
                whole.complete(false);
            }
        });
        return whole.join();
    }

    private static int tokens(List<TensorData> outputs) {
        for (TensorData each : outputs) {
            if (each.name().equals("num_output_tokens")) {
                return ByteBuffer.wrap(each.data())
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .getInt();
            }
        }
        return -1;
    }

    /** @return bytes; Linux tells kilobytes */
    private static long memory(String key) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith(key + ":")) {
                return Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        throw new IOException("/proc/self/status has no " + key);
    }
}
