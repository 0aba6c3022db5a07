package dev.purekv.benchmark;

import dev.purekv.attention.sparse.SparseReach;
import dev.purekv.media.Frame;
import dev.purekv.model.Grid;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.Sequence;
import dev.purekv.model.VisualInput;
import dev.purekv.model.qwen25vl.Qwen25Vl;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import tools.jackson.databind.JsonNode;

/** A prompt with one video, read again and again, and how long each decoder layer takes. */
final class VideoPrefill {
    static final int CELLS = 64;
    private static final int SIDE = 224; // pixels: 8 x 8 cells of 28

    private final Qwen25Vl model;
    private final ModelPrompt prompt;
    private final Clock clock;
    private final int layers;

    /** Seconds of each decoder layer, the last one with the logits. */
    record Times(double[] layers) {
        static Times fastest(Times a, Times b) {
            double[] least = new double[a.layers.length];
            Arrays.setAll(least, i -> Math.min(a.layers[i], b.layers[i]));
            return new Times(least);
        }

        double total() {
            return Arrays.stream(layers).sum();
        }

        double fastest(int from, int to) {
            return Arrays.stream(layers, from, to).min().orElseThrow();
        }

        double last() {
            return layers[layers.length - 1];
        }
    }

    /**
     * @param config of the model: its config.json
     * @param text tokens before the video, and as many behind it
     */
    VideoPrefill(Qwen25Vl model, JsonNode config, Clock clock, int text, int slices) {
        JsonNode decoder = config.has("text_config") ? config.path("text_config") : config;
        this.model = model;
        this.clock = clock;
        this.layers = decoder.path("num_hidden_layers").asInt();
        int[] ids = new int[2 * text + slices * CELLS];
        Arrays.setAll(ids, i -> i % 200); // bytes of a byte-level vocabulary: no placeholder is among them
        Arrays.fill(
                ids, text, text + slices * CELLS, config.path("video_token_id").asInt());
        this.prompt = new ModelPrompt(ids, List.of(video(slices)));
    }

    private static VisualInput video(int slices) {
        byte[] noise = new byte[SIDE * SIDE * 3];
        new Random(1).nextBytes(noise);
        Grid grid = new Grid(slices, SIDE / 14, SIDE / 14);
        return new VisualInput(
                VisualInput.Kind.VIDEO, Collections.nCopies(2 * slices, new Frame(SIDE, SIDE, noise)), grid, 1);
    }

    Times dense() {
        return run(() -> model.begin(prompt, 0));
    }

    Times sparse(int firstLayer, SparseReach reach) {
        return run(() -> model.begin(prompt, 0, firstLayer, reach));
    }

    /** A prefill asks before each layer whether it is cancelled: those moments are the times of the layers. */
    private Times run(Supplier<Sequence> begin) {
        List<Long> moments = new ArrayList<>();
        try (PointerScope scope = new PointerScope();
                Sequence sequence = begin.get()) {
            sequence.prefill(() -> moments.add(clock.nanoseconds()));
        }
        moments.add(clock.nanoseconds());
        double[] seconds = new double[layers];
        int first = moments.size() - 1 - layers; // what stands before are the steps of the vision tower
        Arrays.setAll(seconds, i -> (moments.get(first + i + 1) - moments.get(first + i)) / 1e9);
        return new Times(seconds);
    }
}
