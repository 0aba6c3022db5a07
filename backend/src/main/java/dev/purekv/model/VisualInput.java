package dev.purekv.model;

import dev.purekv.media.Frame;
import java.util.List;

/**
 * One image or video, sampled and resized, ready for the vision tower.
 *
 * @param kind decides which placeholder it fills and whether time counts in its positions
 * @param frames all of one size, a multiple of patch times merge on both axes; an image holds one frame (the tower
 *     repeats it along the temporal patch), a video a multiple of the temporal patch
 * @param grid patches, before merging
 * @param secondsPerGrid seconds between two slices of the grid (temporal patch over sampled frames per second); 0 for
 *     an image
 */
public record VisualInput(Kind kind, List<Frame> frames, Grid grid, double secondsPerGrid) {
    /** What the request sent. */
    public enum Kind {
        IMAGE,
        VIDEO
    }

    public VisualInput {
        frames = List.copyOf(frames);
    }
}
