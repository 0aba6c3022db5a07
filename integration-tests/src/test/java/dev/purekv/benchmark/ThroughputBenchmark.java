package dev.purekv.benchmark;

import dev.purekv.engine.Engine;
import dev.purekv.engine.GenerationRequest;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelFamily;
import dev.purekv.model.ModelPrompt;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.LibTorch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a fixed number of bytes for caches is worth: the same questions about long videos through the engine, with the whole cache, with
 * a fifth of it, and with a fifth of it, sparse attention and token pruning; at several numbers of clients, in turns. Time that
 * the vision tower takes is taken off. The checkpoint is what integration-tests/reference/make_random_checkpoint.py writes.
 */
public final class ThroughputBenchmark {
    private static final int NEW_TOKENS = 64;
    private static final String CLIENTS = "1,2,4,8,16";
    private static final Map<String, Map<String, Object>> VARIANTS = new LinkedHashMap<>();

    static {
        Map<String, Object> cut = Map.of("compression_ratio", 5, "clie_layer", "3");
        Map<String, Object> all = new HashMap<>(cut);
        all.put("sparse_attention_layer", 4);
        all.put("token_pruning_layer", 4);
        VARIANTS.put("full", Map.of("kv_policy", "full"));
        VARIANTS.put("ratio 5", cut);
        VARIANTS.put("ratio 5, pruned and sparse at 4", all);
    }

    private final LoadedModel loaded;
    private final ModelPrompt prompt;
    private final String bytes;
    private final int rounds;

    private ThroughputBenchmark(LoadedModel loaded, ModelPrompt prompt, String bytes, int rounds) {
        this.loaded = loaded;
        this.prompt = prompt;
        this.bytes = bytes;
        this.rounds = rounds;
    }

    /** @param arguments checkpoint folder, video tokens, kv_cache_bytes (110000000), requests of each client, and numbers of clients (1,2,4,8,16) */
    public static void main(String[] arguments) throws Exception {
        LibTorch.start();
        Path checkpoint = Path.of(arguments[0]);
        JsonNode config =
                JsonMapper.shared().readTree(checkpoint.resolve("config.json").toFile());
        ModelPrompt prompt = VideoPrompts.of(config, Integer.parseInt(arguments[1]) / VideoPrompts.CELLS);
        try (LoadedModel loaded = ModelFamily.open(checkpoint, ModelSettings.read(Map.of()))) {
            ThroughputBenchmark benchmark =
                    new ThroughputBenchmark(loaded, prompt, arguments[2], Integer.parseInt(arguments[3]));
            benchmark.run(1, VARIANTS.get("full")); // warm
            for (String clients : (arguments.length > 4 ? arguments[4] : CLIENTS).split(",")) {
                benchmark.compare(Integer.parseInt(clients));
            }
        }
    }

    private void compare(int clients) throws InterruptedException {
        System.out.println(String.format(
                Locale.ROOT,
                "%d clients, %d prompt tokens, %d new ones, kv_cache_bytes %s",
                clients,
                prompt.tokens(),
                NEW_TOKENS,
                bytes));
        EngineTimes full = null;
        for (Map.Entry<String, Map<String, Object>> variant : VARIANTS.entrySet()) {
            EngineTimes times = run(clients, variant.getValue());
            full = full == null ? times : full;
            System.out.println(String.format(
                    Locale.ROOT,
                    "  %-34s %3d at once (%.1fx), %7.1f decoded tokens/s (%.2fx), %6.3f requests/s (%.2fx), first token after %.2f s",
                    variant.getKey(),
                    times.mostRunning(),
                    (double) times.mostRunning() / full.mostRunning(),
                    times.decodedPerSecond(),
                    times.decodedPerSecond() / full.decodedPerSecond(),
                    times.requestsPerSecond(),
                    times.requestsPerSecond() / full.requestsPerSecond(),
                    times.meanFirstTokenSeconds()));
        }
    }

    /** As many clients as that, each of which asks again as soon as it has its answer. */
    private EngineTimes run(int clients, Map<String, Object> kv) throws InterruptedException {
        ModelSettings settings = ModelSettings.read(
                Map.of("kv_cache_bytes", bytes, "max_concurrent_sequences", String.valueOf(clients)));
        EngineTimes times = new EngineTimes();
        try (Engine engine = new Engine("throughput", loaded, settings, times)) {
            long start = System.nanoTime();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                Thread client = new Thread(() -> {
                    for (int round = 0; round < rounds; round++) {
                        WholeAnswer answer = new WholeAnswer();
                        engine.submit(request(kv), answer);
                        answer.await();
                    }
                });
                client.start();
                threads.add(client);
            }
            for (Thread client : threads) {
                client.join();
            }
            times.took(System.nanoTime() - start);
        }
        return times;
    }

    private GenerationRequest request(Map<String, Object> kv) {
        return new GenerationRequest(
                (encoder, cancelled) -> prompt,
                Map.of("max_tokens", NEW_TOKENS, "ignore_eos", true, "temperature", 0),
                kv,
                System.nanoTime(),
                0);
    }
}
