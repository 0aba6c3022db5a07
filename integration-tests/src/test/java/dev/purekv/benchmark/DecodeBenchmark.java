package dev.purekv.benchmark;

import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelFamily;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.Sequence;
import dev.purekv.model.VisionLanguageModel;
import dev.purekv.settings.KvSettings;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.LibTorch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Times decoding of one and of several sequences with long video contexts, with the whole cache and with a cut one, step by
 * step in turns, the fastest step of each. How the caches were filled does not matter to it, so the quickest ways are taken:
 * sparse attention for the whole ones, token pruning for the cut ones.
 */
public final class DecodeBenchmark {
    private static final int STEPS = 20;
    private static final Map<String, ?> FULL = Map.of("clie_layer", "0", "sparse_attention_layer", 1);
    private static final Map<String, ?> CUT =
            Map.of("clie_layer", "0", "token_pruning_layer", 1, "compression_ratio", 5);

    private final VisionLanguageModel model;
    private final ModelPrompt prompt;

    private DecodeBenchmark(VisionLanguageModel model, ModelPrompt prompt) {
        this.model = model;
        this.prompt = prompt;
    }

    /** @param arguments checkpoint folder, video tokens of each sequence, sequences */
    public static void main(String[] arguments) {
        LibTorch.start();
        Path checkpoint = Path.of(arguments[0]);
        JsonNode config =
                JsonMapper.shared().readTree(checkpoint.resolve("config.json").toFile());
        try (LoadedModel loaded = ModelFamily.open(checkpoint, ModelSettings.read(Map.of()));
                PointerScope scope = new PointerScope();
                InferenceMode noGradients = new InferenceMode(true)) {
            ModelPrompt prompt = VideoPrompts.of(config, Integer.parseInt(arguments[1]) / VideoPrompts.CELLS);
            new DecodeBenchmark(loaded.model(), prompt).run(Integer.parseInt(arguments[2]));
        }
    }

    private void run(int count) {
        List<Sequence> full = begin(count, FULL);
        List<Sequence> cut = begin(count, CUT);
        try {
            compare(full.subList(0, 1), cut.subList(0, 1));
            compare(full, cut);
        } finally {
            full.forEach(Sequence::close);
            cut.forEach(Sequence::close);
        }
    }

    private List<Sequence> begin(int count, Map<String, ?> settings) {
        KvSettings kv = KvSettings.read(settings, KvSettings.DEFAULT);
        List<Sequence> sequences = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            try (PointerScope scope = new PointerScope()) {
                Sequence sequence = model.begin(prompt, 2 * (STEPS + 1), kv);
                sequences.add(sequence);
                sequence.prefill(() -> {});
            }
        }
        return sequences;
    }

    private void compare(List<Sequence> full, List<Sequence> cut) {
        double fullSeconds = Double.MAX_VALUE;
        double cutSeconds = Double.MAX_VALUE;
        for (int step = 0; step <= STEPS; step++) {
            fullSeconds = Math.min(fullSeconds, seconds(full));
            cutSeconds = Math.min(cutSeconds, seconds(cut));
        }
        System.out.println(String.format(
                Locale.ROOT,
                "%d sequences of %d tokens: whole cache (%.0f MB) %.1f ms a step, ratio 5 (%.0f MB) %.1f ms, %.2fx",
                full.size(),
                prompt.tokens(),
                megabytes(full),
                fullSeconds * 1e3,
                megabytes(cut),
                cutSeconds * 1e3,
                fullSeconds / cutSeconds));
    }

    private double seconds(List<Sequence> sequences) {
        long start = System.nanoTime();
        try (PointerScope scope = new PointerScope()) {
            model.decode(sequences, new int[sequences.size()]);
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private static double megabytes(List<Sequence> sequences) {
        return sequences.stream().mapToLong(Sequence::cacheBytes).sum() / 1e6;
    }
}
