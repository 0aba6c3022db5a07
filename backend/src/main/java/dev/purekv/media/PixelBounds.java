package dev.purekv.media;

/** The area, in pixels, that a resized picture or frame may have. */
public record PixelBounds(long min, long max) {
    public PixelBounds {
        if (min < 1 || max < min) {
            throw new IllegalArgumentException("pixel bounds must hold 1 <= min <= max, got " + min + " and " + max);
        }
    }
}
