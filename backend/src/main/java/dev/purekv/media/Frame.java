package dev.purekv.media;

/**
 * One picture: 8-bit RGB, rows from the top, no padding.
 *
 * @param rgb {@code height * width * 3} bytes, owned by this frame; never changed after construction
 */
public record Frame(int width, int height, byte[] rgb) {
    public Frame {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException("a frame needs at least one pixel, got " + width + "x" + height);
        }
        if ((long) width * height * 3 != rgb.length) {
            throw new IllegalArgumentException(
                    width + "x" + height + " RGB needs " + (long) width * height * 3 + " bytes, got " + rgb.length);
        }
    }
}
