package dev.purekv.benchmark;

import dev.purekv.it.RunningServer;
import dev.purekv.triton.EmbeddedServer;
import dev.purekv.triton.EmbeddedServerOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What the doors cost, and Triton and Java below them. The same requests go to the engine, to a Triton inside this process, and
 * through each door of a server that another process runs, in turns, so that the two never compute at the same time. The differences of the medians are the cost of a request. The stage, which does next to nothing, stands for an empty
 * model. What a client itself takes counts as the door's.
 *
 * <p>The README has the command; it takes about three minutes.
 */
public final class CostBenchmark {
    private CostBenchmark() {}

    /** @param arguments rounds (200), and seconds of each throughput window (2) */
    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 200;
        double window = arguments.length > 1 ? Double.parseDouble(arguments[1]) : 2;
        Path repository = Path.of("model-repository");
        try (RunningServer server = RunningServer.start(repository, Map.of(), List.of());
                EmbeddedServer embedded = EmbeddedServer.start(EmbeddedServerOptions.of(repository));
                DirectCalls direct = new DirectCalls(embedded);
                DoorCalls doors = new DoorCalls(server)) {
            for (CostGroup group : List.of(
                    CostGroup.stage(direct, doors), CostGroup.text(direct, doors), CostGroup.clip(direct, doors))) {
                group.latencies(rounds);
            }
            CostGroup.text(direct, doors).throughput(Duration.ofMillis((long) (window * 1000)));
        }
        System.exit(0); // libraries keep threads
    }
}
