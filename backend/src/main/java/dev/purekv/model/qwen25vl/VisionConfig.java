package dev.purekv.model.qwen25vl;

import static dev.purekv.checkpoint.ConfigKeys.require;

import java.util.Set;

/**
 * Sizes of the vision tower.
 *
 * @param patch pixels on a side
 * @param temporalPatch frames that one patch spans
 * @param merge patches on a side of a cell, which becomes one visual token
 * @param window pixels on a side of an attention window
 * @param fullBlocks blocks that attend over a whole slice
 * @param tokensPerSecond steps of the temporal position in a second of video
 */
record VisionConfig(
        int depth,
        int hidden,
        int heads,
        int intermediate,
        int channels,
        int patch,
        int temporalPatch,
        int merge,
        int window,
        Set<Integer> fullBlocks,
        int outHidden,
        int tokensPerSecond) {
    VisionConfig {
        fullBlocks = Set.copyOf(fullBlocks);
        require(hidden % heads == 0, "vision hidden_size (%d) must be a multiple of num_heads (%d)", hidden, heads);
        require(
                hidden / heads % 4 == 0,
                "the vision head width (%d) must be a multiple of 4: two axes, each in pairs",
                hidden / heads);
        require(
                window % (merge * patch) == 0,
                "window_size (%d) must be a multiple of spatial_merge_size times patch_size (%d)",
                window,
                merge * patch);
        require(channels == 3, "in_channels must be 3 for RGB frames, got %d", channels);
    }

    int headWidth() {
        return hidden / heads;
    }

    /** Patches of one cell. */
    int cellPatches() {
        return merge * merge;
    }

    /** Numbers of one patch. */
    int patchValues() {
        return channels * temporalPatch * patch * patch;
    }

    /** Cells on a side of an attention window. */
    int windowCells() {
        return window / merge / patch;
    }
}
