package dev.purekv.model.videollama2;

import static dev.purekv.checkpoint.ConfigKeys.require;

import dev.purekv.ServingException;
import dev.purekv.checkpoint.ConfigKeys;
import dev.purekv.model.VisualInput;
import dev.purekv.model.VisualSpan;
import dev.purekv.model.decoder.DecoderConfig;
import dev.purekv.model.decoder.VisualTokens;
import dev.purekv.text.JsonFile;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/**
 * A checkpoint's config.json.
 *
 * @param towerLayers layers of the tower that are run: the features are what the last of them gives
 * @param padded whether the connector puts zeros around frames before it joins them, as the first generation does
 * @param frames that the model sees of a video, and how often it sees a picture
 */
record VideoLlama2Config(DecoderConfig text, TowerConfig tower, int towerLayers, boolean padded, int frames)
        implements VisualTokens {
    /** Ids of the reference, below the vocabulary. */
    static final int IMAGE = -200;

    static final int VIDEO = -201;

    /** Frames, rows and columns that become one. */
    static final int JOINED = 2;

    VideoLlama2Config {
        require(
                towerLayers >= 0 && towerLayers <= tower.layers(),
                "mm_vision_select_layer must name one of the tower's %d layers, got layer %d",
                tower.layers(),
                towerLayers);
        require(
                padded || frames >= JOINED && tower.side() >= JOINED,
                "stc_connector_v35 joins %d frames of %d patches: num_frames (%d) and the tower's patches on a side (%d) must be "
                        + "at least that",
                JOINED,
                JOINED * JOINED,
                frames,
                tower.side());
    }

    /**
     * @throws ServingException NOT_FOUND without the file, INVALID_REQUEST for a wrong or impossible value, UNSUPPORTED for
     *     a variant that is not implemented
     */
    static VideoLlama2Config read(Path checkpoint) {
        Path file = checkpoint.resolve("config.json");
        JsonNode root = JsonFile.read(file);
        ConfigKeys keys = new ConfigKeys(file.toString(), root);
        String projector = keys.text("mm_projector_type", "linear");
        boolean padded = projector.equals("stc_connector");
        if (!padded && !projector.equals("stc_connector_v35")) {
            throw unsupported(file, "mm_projector_type", "stc_connector or stc_connector_v35", projector);
        }
        try {
            TowerConfig tower = TowerConfig.of(checkpoint, keys.text("mm_vision_tower", ""));
            requireFeatures(keys, file, tower);
            int select = root.path("mm_vision_select_layer").asInt(-2);
            return new VideoLlama2Config(
                    text(keys, root, file),
                    tower,
                    select < 0 ? tower.layers() + 1 + select : select,
                    padded,
                    keys.positive("num_frames", 8));
        } catch (IllegalArgumentException e) {
            throw ServingException.invalid("%s", "reading " + file + ": " + e.getMessage());
        }
    }

    private static void requireFeatures(ConfigKeys keys, Path file, TowerConfig tower) {
        String feature = keys.text("mm_vision_select_feature", "patch");
        if (!feature.equals("patch")) {
            throw unsupported(file, "mm_vision_select_feature", "patch", feature);
        }
        int width = keys.positive("mm_hidden_size");
        require(
                width == tower.hidden(),
                "mm_hidden_size (%d) must be the width of the vision tower (%d)",
                width,
                tower.hidden());
    }

    private static DecoderConfig text(ConfigKeys keys, JsonNode root, Path file) {
        boolean qwen = isQwen(root);
        if (!keys.text("hidden_act", "silu").equals("silu")) {
            throw unsupported(file, "hidden_act", "silu", keys.text("hidden_act", ""));
        }
        if (qwen && keys.flag("use_sliding_window")) {
            throw unsupported(file, "use_sliding_window", "false", "true");
        }
        if (keys.object("rope_scaling").isObject()) {
            throw unsupported(
                    file, "rope_scaling", "null", keys.object("rope_scaling").toString());
        }
        int heads = keys.positive("num_attention_heads");
        int hidden = keys.positive("hidden_size");
        require(
                keys.positive("head_dim", hidden / heads) * heads == hidden,
                "head_dim (%d) times num_attention_heads (%d) must be hidden_size (%d)",
                keys.positive("head_dim", 1),
                heads,
                hidden);
        return new DecoderConfig(
                keys.positive("vocab_size"),
                hidden,
                keys.positive("intermediate_size"),
                keys.positive("num_hidden_layers"),
                heads,
                keys.positive("num_key_value_heads"),
                keys.positiveReal("rms_norm_eps", 1e-6),
                keys.positiveReal("rope_theta", 10_000),
                maxTokens(keys, root, qwen),
                qwen,
                keys.flag("tie_word_embeddings"));
    }

    /** Mistral sees no farther than its window, where it has one; up to that length a window changes nothing. */
    private static int maxTokens(ConfigKeys keys, JsonNode root, boolean qwen) {
        int positions = keys.positive("max_position_embeddings");
        if (qwen || root.path("sliding_window").isNull()) {
            return positions;
        }
        return Math.min(positions, keys.positive("sliding_window", 4096));
    }

    /** Whether the decoder is Qwen2's; otherwise it is Mistral's. */
    static boolean isQwen(JsonNode root) {
        boolean named = root.path("model_type").asString("").equals("videollama2_qwen2");
        for (JsonNode architecture : root.path("architectures")) {
            named |= architecture.asString("").equals("Videollama2Qwen2ForCausalLM");
        }
        return named;
    }

    private static ServingException unsupported(Path file, String key, String expected, String got) {
        return ServingException.unsupported(
                "reading %s: %s: only %s is implemented for VideoLLaMA2, got %s; choose a checkpoint without it",
                file, key, expected, got);
    }

    @Override
    public int vocabulary() {
        return text.vocabulary();
    }

    @Override
    public int placeholder(VisualInput.Kind kind) {
        return kind == VisualInput.Kind.IMAGE ? IMAGE : VIDEO;
    }

    /** What the connector leaves of so many frames, rows or columns. */
    int joined(int length) {
        return padded ? length / JOINED + 1 : length / JOINED;
    }

    /** With padding, slice s shows frames 2s - 1 and 2s; without, 2s and 2s + 1. */
    @Override
    public VisualSpan span(VisualInput visual, int start) {
        int shown = visual.grid().t();
        return new VisualSpan(
                visual.kind(),
                start,
                joined(shown),
                joined(tower.side()),
                joined(tower.side()),
                shown,
                padded ? -1 : 0,
                JOINED,
                visual.secondsPerGrid());
    }
}
