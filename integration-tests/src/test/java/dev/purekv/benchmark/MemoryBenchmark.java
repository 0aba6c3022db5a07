package dev.purekv.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * Prints how much memory a prefill of a long video prompt takes at its peak, uncut, cut and pruned, beside the sum of what must
 * be there: the weights with everything else that was resident before, the caches at their largest, and working space. The
 * checkpoint is what integration-tests/reference/make_random_checkpoint.py writes.
 */
public final class MemoryBenchmark {
    private static final Map<String, Map<String, ?>> VARIANTS = new LinkedHashMap<>();

    static {
        VARIANTS.put("ratio 1", Map.of("compression_ratio", 1));
        VARIANTS.put("ratio 5", Map.of("compression_ratio", 5, "clie_layer", "3"));
        VARIANTS.put(
                "ratio 5, pruned at 4", Map.of("compression_ratio", 5, "clie_layer", "3", "token_pruning_layer", 4));
    }

    private static final long TILE = 512; // of a layer of this shape

    private MemoryBenchmark() {}

    /** @param arguments checkpoint folder, video tokens */
    public static void main(String[] arguments) throws IOException {
        Path checkpoint = Path.of(arguments[0]);
        Shape shape = Shape.of(
                JsonMapper.shared().readTree(checkpoint.resolve("config.json").toFile()));
        print(
                "%-22s %10s %10s %10s %10s %10s | %10s %10s | %10s %10s",
                "MiB", "uncut", "kept", "one layer", "announced", "counted", "sum", "measured", "before", "peak");
        for (var variant : VARIANTS.entrySet()) {
            MemoryProbe.Taken taken =
                    MemoryProbe.run(checkpoint, Integer.parseInt(arguments[1]), variant.getValue(), Map.of());
            print(
                    "%-22s %10.1f %10.1f %10.1f %10.1f %10.1f | %10.1f %10.1f | %10.1f %10.1f",
                    variant.getKey(),
                    mebi(taken.uncut()),
                    mebi(taken.kept()),
                    mebi(taken.uncut() / shape.layers()),
                    mebi(taken.announced()),
                    mebi(taken.counted()),
                    mebi(taken.announced() + shape.workingBytes(taken.tokens(), TILE)),
                    mebi(taken.growth()),
                    mebi(taken.before()),
                    mebi(taken.peak()));
        }
    }

    private static double mebi(long bytes) {
        return bytes / 1024.0 / 1024;
    }

    private static void print(String text, Object... values) {
        System.out.println(String.format(Locale.ROOT, text, values));
    }
}
