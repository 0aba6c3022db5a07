package dev.purekv.model;

/**
 * Where an image or video stands in a prompt: {@code slices} of {@code rows} and {@code columns}, one token each, in this order
 * from {@code start} on.
 *
 * @param frames sampled from the medium, or one picture as often as the model sees it
 * @param firstFrame the first frame that slice 0 shows; negative where the model puts nothing before the first frame
 * @param framesPerSlice slice s shows the frames from {@code firstFrame + s framesPerSlice} on, as far as there are any
 * @param secondsPerSlice 0 for an image
 */
public record VisualSpan(
        VisualInput.Kind kind,
        int start,
        int slices,
        int rows,
        int columns,
        int frames,
        int firstFrame,
        int framesPerSlice,
        double secondsPerSlice) {
    public int tokens() {
        return Math.multiplyExact(Math.multiplyExact(slices, rows), columns);
    }
}
