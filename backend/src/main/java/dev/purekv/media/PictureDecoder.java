package dev.purekv.media;

import dev.purekv.ServingException;

/**
 * Decodes one still picture: png, jpeg, webp, bmp, or the first frame of a gif.
 *
 * <p>Colours become RGB as in qwen-vl-utils' {@code to_rgb}: RGBA is laid on white, every other transparency (palette,
 * grey) is dropped. EXIF orientation is applied first, as transformers' {@code load_image} does.
 */
public final class PictureDecoder {
    private PictureDecoder() {}

    /**
     * @return the picture, upright
     * @throws ServingException INVALID_REQUEST or UNSUPPORTED, before any pixel is decoded where the header allows it
     */
    public static Frame decode(byte[] encoded, MediaLimits limits) {
        limits.checkBytes("a picture", encoded);
        PictureHeader header = PictureHeader.read(encoded);
        limits.checkImage(header.width(), header.height());
        Frame stored = header.format() == PictureHeader.Format.WEBP
                ? WebpPicture.decode(encoded, header)
                : ImageIoPicture.decode(encoded, header);
        return header.orientation().upright(stored);
    }
}
