package dev.purekv.model.qwen25vl;

import static dev.purekv.checkpoint.ConfigKeys.require;

import dev.purekv.ServingException;
import dev.purekv.checkpoint.ConfigKeys;
import dev.purekv.model.Grid;
import dev.purekv.model.VisualInput;
import dev.purekv.model.VisualSpan;
import dev.purekv.model.decoder.DecoderConfig;
import dev.purekv.model.decoder.VisualTokens;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A checkpoint's config.json, in any of the three layouts in use: decoder keys at the top (the first releases), in
 * {@code text_config} (transformers 4.52 to 4.57), and there with {@code rope_parameters} (transformers 5).
 */
record Qwen25VlConfig(
        DecoderConfig text, List<Integer> mropeSections, VisionConfig vision, int imageToken, int videoToken)
        implements VisualTokens {
    private static final String FULL_ATTENTION = "full_attention";

    Qwen25VlConfig {
        mropeSections = List.copyOf(mropeSections);
        int sum = mropeSections.stream().mapToInt(Integer::intValue).sum();
        require(
                mropeSections.size() == 3 && 2 * sum == text.headWidth(),
                "mrope_section %s must be three numbers that sum to half the head width (%d / 2)",
                mropeSections,
                text.headWidth());
        require(
                vision.outHidden() == text.hidden(),
                "the vision tower's out_hidden_size (%d) must equal the decoder's hidden_size (%d)",
                vision.outHidden(),
                text.hidden());
        require(
                imageToken < text.vocabulary() && videoToken < text.vocabulary() && imageToken != videoToken,
                "image_token_id (%d) and video_token_id (%d) must differ and lie below vocab_size (%d)",
                imageToken,
                videoToken,
                text.vocabulary());
    }

    /**
     * @throws ServingException NOT_FOUND without the file, INVALID_REQUEST for a wrong or impossible value, UNSUPPORTED for
     *     a variant of the architecture that is not implemented
     */
    static Qwen25VlConfig read(Path file) {
        JsonNode root = parse(file);
        JsonNode visionNode = root.path("vision_config");
        if (!visionNode.isObject()) {
            throw ServingException.invalid(
                    "reading %s: expected an object vision_config, got %s; a text-only checkpoint cannot be served here",
                    file, visionNode.isMissingNode() ? "nothing" : visionNode);
        }
        ConfigKeys keys = new ConfigKeys(file.toString(), root.path("text_config"), root);
        try {
            return new Qwen25VlConfig(
                    text(keys, file),
                    rope(keys, file).naturals("mrope_section"),
                    vision(new ConfigKeys(file + ", vision_config", visionNode)),
                    new ConfigKeys(file.toString(), root, root.path("text_config")).tokenId("image_token_id"),
                    new ConfigKeys(file.toString(), root, root.path("text_config")).tokenId("video_token_id"));
        } catch (IllegalArgumentException e) {
            throw ServingException.invalid("%s", "reading " + file + ": " + e.getMessage());
        }
    }

    private static JsonNode parse(Path file) {
        if (!Files.isRegularFile(file)) {
            throw ServingException.notFound("reading %s: there is no such file", file);
        }
        try {
            return JsonMapper.shared().readTree(file.toFile());
        } catch (JacksonException e) {
            throw ServingException.invalid("reading %s: not sound JSON: %s", file, e.getOriginalMessage());
        }
    }

    private static ConfigKeys rope(ConfigKeys keys, Path file) {
        String key = ropeKey(keys);
        return new ConfigKeys(file + ", " + key, keys.object(key));
    }

    private static String ropeKey(ConfigKeys keys) {
        return keys.has("rope_parameters") ? "rope_parameters" : "rope_scaling";
    }

    private static DecoderConfig text(ConfigKeys keys, Path file) {
        requireSupported(file, keys.text("hidden_act", "silu").equals("silu"), "hidden_act", "silu");
        requireSupported(file, !keys.flag("use_sliding_window"), "use_sliding_window", "false");
        requireSupported(
                file, Set.of(FULL_ATTENTION).containsAll(keys.texts("layer_types")), "layer_types", FULL_ATTENTION);
        ConfigKeys rope = rope(keys, file);
        String ropeKey = ropeKey(keys);
        // Newer releases write "default" for what the first called "mrope"; the sections are what tells.
        for (String typeKey : List.of("type", "rope_type")) {
            requireSupported(
                    file,
                    Set.of("mrope", "default").contains(rope.text(typeKey, "default")),
                    ropeKey + "." + typeKey,
                    "mrope or default");
        }
        return new DecoderConfig(
                keys.positive("vocab_size"),
                keys.positive("hidden_size"),
                keys.positive("intermediate_size"),
                keys.positive("num_hidden_layers"),
                keys.positive("num_attention_heads"),
                keys.positive("num_key_value_heads"),
                keys.positiveReal("rms_norm_eps", 1e-5),
                rope.positiveReal("rope_theta", keys.positiveReal("rope_theta", 1e6)),
                keys.positive("max_position_embeddings"),
                true,
                keys.flag("tie_word_embeddings"));
    }

    private static VisionConfig vision(ConfigKeys keys) {
        Set<Integer> fullBlocks = keys.has("fullatt_block_indexes")
                ? new LinkedHashSet<>(keys.naturals("fullatt_block_indexes"))
                : Set.of(7, 15, 23, 31);
        return new VisionConfig(
                keys.positive("depth"),
                keys.positive("hidden_size"),
                keys.positive("num_heads"),
                keys.positive("intermediate_size"),
                // The first releases also wrote "in_chans", which the reference never reads.
                keys.positive("in_channels", 3),
                keys.positive("patch_size", 14),
                keys.positive("temporal_patch_size", 2),
                keys.positive("spatial_merge_size", 2),
                keys.positive("window_size", 112),
                fullBlocks,
                keys.positive("out_hidden_size"),
                keys.positive("tokens_per_second", 4));
    }

    private static void requireSupported(Path file, boolean supported, String key, String expected) {
        if (!supported) {
            throw ServingException.unsupported(
                    "reading %s: %s: only %s is implemented for Qwen2.5-VL; choose a checkpoint without it",
                    file, key, expected);
        }
    }

    @Override
    public int vocabulary() {
        return text.vocabulary();
    }

    @Override
    public int placeholder(VisualInput.Kind kind) {
        return kind == VisualInput.Kind.IMAGE ? imageToken : videoToken;
    }

    /** One token a cell of merged patches; a slice shows as many frames as a patch spans. */
    @Override
    public VisualSpan span(VisualInput visual, int start) {
        Grid grid = visual.grid();
        int frames = visual.frames().size();
        return new VisualSpan(
                visual.kind(),
                start,
                grid.t(),
                grid.h() / vision.merge(),
                grid.w() / vision.merge(),
                frames,
                0,
                frames / grid.t(),
                visual.secondsPerGrid());
    }
}
