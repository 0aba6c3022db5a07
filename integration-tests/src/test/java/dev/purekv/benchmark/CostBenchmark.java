package dev.purekv.benchmark;

import dev.purekv.server.InferenceServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * What the doors cost, and Triton and Java below them. The application runs inside this process, and the same requests go to its Triton
 * directly and through each door, in rounds; and at last to an engine of its own, without Triton. The stage, which does next to
 * nothing, stands for an empty model. What a client itself takes counts as the door's. Each way is asked thousands of times before it is
 * measured: a server runs for days, and the JVM compiles in the first minutes.
 *
 * <p>The README has the command; it takes about half an hour.
 */
public final class CostBenchmark {
    private static final Path REPOSITORY = Path.of("model-repository");

    private CostBenchmark() {}

    /** @param arguments rounds (200), and seconds of each of 20 throughput windows (2) */
    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 200;
        double window = arguments.length > 1 ? Double.parseDouble(arguments[1]) : 2;
        int http = freePort();
        int grpc = freePort();
        try (ConfigurableApplicationContext application = start(http, grpc);
                DirectCalls direct = new DirectCalls(application.getBean(InferenceServer.class));
                DoorCalls doors = new DoorCalls(http, grpc)) {
            List<CostGroup> answers = List.of(
                    CostGroup.text(direct, doors), CostGroup.streamed(direct, doors), CostGroup.clip(direct, doors));
            CostGroup.stage(direct, doors).latencies(rounds);
            for (CostGroup group : answers) {
                group.latencies(rounds);
            }
            for (CostGroup group : answers) {
                group.throughput(Duration.ofMillis((long) (window * 1000)));
            }
            CostGroup.engine(direct).latencies(rounds);
        }
        System.exit(0); // libraries keep threads
    }

    private static ConfigurableApplicationContext start(int http, int grpc) throws IOException {
        SpringApplication application = new SpringApplication();
        application.setSources(Set.of("dev.purekv.console.ConsoleApplication")); // in the jar that launches this
        return application.run(
                "--purekv.model-repository=" + REPOSITORY,
                "--purekv.http.port=" + http,
                "--purekv.grpc.port=" + grpc,
                "--purekv.metrics.port=0",
                "--purekv.console.port=0",
                "--purekv.state-directory=" + Files.createTempDirectory("purekv-cost"));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
