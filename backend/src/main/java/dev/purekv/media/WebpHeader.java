package dev.purekv.media;

import dev.purekv.ServingException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Walks the chunks of a WebP file: size, transparency, orientation, and whether the file is whole. */
final class WebpHeader {
    private static final int ALPHA = 0x10;
    private static final int ANIMATION = 0x02;

    private WebpHeader() {}

    static PictureHeader read(ByteBuffer in) {
        in.order(ByteOrder.LITTLE_ENDIAN);
        long end = 8 + (in.getInt(4) & 0xFFFFFFFFL);
        if (end > in.limit()) {
            throw PictureHeader.cutShort("a webp picture");
        }
        int width = 0;
        int height = 0;
        boolean alpha = false;
        Orientation orientation = Orientation.UPRIGHT;
        for (long next = 12; next + 8 <= end; ) {
            int at = (int) next;
            long length = in.getInt(at + 4) & 0xFFFFFFFFL;
            if (at + 8 + length > in.limit()) {
                throw PictureHeader.cutShort("a webp picture");
            }
            if (PictureHeader.starts(in, at, "VP8X")) {
                refuseAnimation(in.get(at + 8));
                alpha = (in.get(at + 8) & ALPHA) != 0;
                width = 1 + (in.getInt(at + 12) & 0xFFFFFF);
                height = 1 + (in.getInt(at + 14) >>> 8);
            } else if (PictureHeader.starts(in, at, "VP8 ") && width == 0) {
                width = in.getShort(at + 14) & 0x3FFF;
                height = in.getShort(at + 16) & 0x3FFF;
            } else if (PictureHeader.starts(in, at, "VP8L") && width == 0) {
                int bits = in.getInt(at + 9);
                width = 1 + (bits & 0x3FFF);
                height = 1 + (bits >>> 14 & 0x3FFF);
                alpha = (bits >>> 28 & 1) != 0;
            } else if (PictureHeader.starts(in, at, "EXIF")) {
                orientation = Exif.orientation(in.slice(at + 8, (int) length));
            }
            next = at + 8 + length + (length & 1);
        }
        return PictureHeader.of(PictureHeader.Format.WEBP, width, height, orientation, alpha);
    }

    private static void refuseAnimation(byte flags) {
        if ((flags & ANIMATION) != 0) {
            throw ServingException.unsupported(
                    "reading a webp picture: expected a still one, got an animation; send it as mp4, webm or gif");
        }
    }
}
