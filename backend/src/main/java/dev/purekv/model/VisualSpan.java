package dev.purekv.model;

/**
 * Where an image or video stands in a prompt: {@code slices} of {@code rows} and {@code columns}, one token each, in this order
 * from {@code start} on.
 *
 * @param frames sampled from the medium; a slice shows {@code frames / slices} of them
 * @param secondsPerSlice 0 for an image
 */
public record VisualSpan(
        VisualInput.Kind kind, int start, int slices, int rows, int columns, int frames, double secondsPerSlice) {
    public int tokens() {
        return slices * rows * columns;
    }
}
