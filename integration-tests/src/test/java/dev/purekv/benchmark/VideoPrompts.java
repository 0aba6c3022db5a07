package dev.purekv.benchmark;

import dev.purekv.media.Frame;
import dev.purekv.model.Grid;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.VisualInput;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;

/** Prompts of one video of noise, slices of 64 tokens, with a little text before and behind. */
final class VideoPrompts {
    static final int CELLS = 64;

    /** Text tokens before the video, and as many behind it. */
    static final int TEXT = 20;

    private static final int SIDE = 224; // pixels: 8 x 8 cells of 28

    private VideoPrompts() {}

    /** @param config of a Qwen2.5-VL checkpoint: its config.json */
    static ModelPrompt of(JsonNode config, int slices) {
        JsonNode decoder = config.has("text_config") ? config.path("text_config") : config;
        int[] ids = new int[2 * TEXT + slices * CELLS];
        Arrays.setAll(ids, i -> i % 200); // bytes of a byte-level vocabulary: no placeholder is among them
        int video = (decoder.has("video_token_id") ? decoder : config)
                .path("video_token_id")
                .asInt();
        Arrays.fill(ids, TEXT, TEXT + slices * CELLS, video);
        return new ModelPrompt(ids, List.of(noise(slices)));
    }

    private static VisualInput noise(int slices) {
        byte[] noise = new byte[SIDE * SIDE * 3];
        new Random(1).nextBytes(noise);
        Grid grid = new Grid(slices, SIDE / 14, SIDE / 14);
        return new VisualInput(
                VisualInput.Kind.VIDEO, Collections.nCopies(2 * slices, new Frame(SIDE, SIDE, noise)), grid, 1);
    }
}
