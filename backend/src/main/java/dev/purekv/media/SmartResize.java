package dev.purekv.media;

import dev.purekv.ServingException;

/**
 * The size at which a picture is shown to the model: both sides a multiple of {@code factor}, the area within bounds, the
 * proportions kept as well as that allows.
 *
 * <p>Source: transformers 4.57.6 {@code smart_resize}; the lower clamp to one factor is qwen-vl-utils 0.0.14's, whose
 * results are otherwise the same.
 *
 * @param height pixels
 * @param width pixels
 */
public record SmartResize(int height, int width) {
    private static final int MAX_ASPECT = 200;

    /** @throws ServingException INVALID_REQUEST when one side is more than 200 times the other */
    public static SmartResize of(int height, int width, int factor, PixelBounds bounds) {
        if ((double) Math.max(height, width) / Math.min(height, width) > MAX_ASPECT) {
            throw ServingException.invalid(
                    "resizing a picture: expected sides of at most 1:%d, got %dx%d; crop it",
                    MAX_ASPECT, width, height);
        }
        double area = (double) height * width;
        long h = Math.max(factor, factor * (long) Math.rint((double) height / factor));
        long w = Math.max(factor, factor * (long) Math.rint((double) width / factor));
        if (h * w > bounds.max()) {
            double beta = Math.sqrt(area / bounds.max());
            h = Math.max(factor, factor * (long) Math.floor(height / beta / factor));
            w = Math.max(factor, factor * (long) Math.floor(width / beta / factor));
        } else if (h * w < bounds.min()) {
            double beta = Math.sqrt(bounds.min() / area);
            h = factor * (long) Math.ceil(height * beta / factor);
            w = factor * (long) Math.ceil(width * beta / factor);
        }
        return new SmartResize(Math.toIntExact(h), Math.toIntExact(w));
    }
}
