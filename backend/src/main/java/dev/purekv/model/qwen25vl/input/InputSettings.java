package dev.purekv.model.qwen25vl.input;

import dev.purekv.ServingException;
import dev.purekv.media.FrameSampling;
import dev.purekv.media.PixelBounds;
import dev.purekv.text.JsonFile;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * What a Qwen2.5-VL checkpoint says of its inputs: placeholder ids, patch sizes, pixel bounds and frame rates, from
 * {@code config.json}, {@code preprocessor_config.json} and {@code video_preprocessor_config.json}.
 *
 * <p>Bounds of videos are the checkpoint's where it states them for videos; where it does not, the constants of
 * qwen-vl-utils 0.0.14 hold (its {@code preprocessor_config.json} alone bounds pictures only).
 *
 * @param patch pixels of a patch's side
 * @param merge patches of a visual token's side
 * @param temporalPatch frames of a slice
 * @param maxTokens longest sequence that the positions allow
 */
record InputSettings(
        int imageToken,
        int videoToken,
        int patch,
        int merge,
        int temporalPatch,
        PixelBounds image,
        PixelBounds video,
        FrameSampling sampling,
        int maxTokens) {
    private static final PixelBounds IMAGE = new PixelBounds(4 * 28 * 28, 16384L * 28 * 28);
    private static final PixelBounds VIDEO = new PixelBounds(128 * 28 * 28, 768 * 28 * 28);

    InputSettings {
        if (patch < 1 || merge < 1 || temporalPatch < 1 || maxTokens < 1) {
            throw new IllegalArgumentException("patch, merge, temporal patch and positions must be at least 1");
        }
    }

    static InputSettings read(Path checkpoint) {
        JsonNode config = JsonFile.read(checkpoint.resolve("config.json"));
        JsonNode pictures = optional(checkpoint.resolve("preprocessor_config.json"));
        JsonNode own = optional(checkpoint.resolve("video_preprocessor_config.json"));
        JsonNode videos = own.isObject() ? own : statesFrames(pictures) ? pictures : MissingNode.getInstance();
        JsonNode vision = config.path("vision_config");
        try {
            return new InputSettings(
                    required(config, "image_token_id", checkpoint),
                    required(config, "video_token_id", checkpoint),
                    integer("patch_size", 14, pictures, vision),
                    pictures.path("merge_size").asInt(integer("spatial_merge_size", 2, vision)),
                    integer("temporal_patch_size", 2, pictures, vision),
                    bounds(pictures, IMAGE),
                    bounds(videos, VIDEO),
                    sampling(videos),
                    integer("max_position_embeddings", 128_000, config.path("text_config"), config));
        } catch (IllegalArgumentException e) {
            throw ServingException.invalid("opening %s: %s", checkpoint, e.getMessage());
        }
    }

    /** Pixels of a visual token's side. */
    int cell() {
        return patch * merge;
    }

    private static JsonNode optional(Path file) {
        return JsonFile.readIfPresent(file).orElse(MissingNode.getInstance());
    }

    private static boolean statesFrames(JsonNode pictures) {
        return pictures.has("fps") || pictures.has("min_frames") || pictures.has("max_frames");
    }

    private static FrameSampling sampling(JsonNode videos) {
        FrameSampling standard = FrameSampling.DEFAULT;
        return new FrameSampling(
                videos.path("fps").asDouble(standard.framesPerSecond()),
                videos.path("min_frames").asInt(standard.minFrames()),
                videos.path("max_frames").asInt(standard.maxFrames()));
    }

    /** Older files have min_pixels and max_pixels, newer ones a size; where both stand, the older keys win, as upstream. */
    private static PixelBounds bounds(JsonNode file, PixelBounds standard) {
        JsonNode size = file.path("size");
        return new PixelBounds(
                file.path("min_pixels").asLong(size.path("shortest_edge").asLong(standard.min())),
                file.path("max_pixels").asLong(size.path("longest_edge").asLong(standard.max())));
    }

    private static int required(JsonNode config, String key, Path checkpoint) {
        return Optional.of(config.path(key))
                .filter(JsonNode::isInt)
                .map(JsonNode::asInt)
                .orElseThrow(() -> ServingException.invalid(
                        "opening %s: expected %s in config.json, it is not there; is this a Qwen2.5-VL checkpoint?",
                        checkpoint, key));
    }

    private static int integer(String key, int standard, JsonNode... places) {
        for (JsonNode place : places) {
            if (place.path(key).isInt()) {
                return place.path(key).asInt();
            }
        }
        return standard;
    }
}
