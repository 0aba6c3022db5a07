package dev.purekv.media;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Finds the canvas of a GIF file and where its first frame stands on it. */
final class GifHeader {
    private static final int EXTENSION = 0x21;
    private static final int IMAGE = 0x2C;

    private GifHeader() {}

    static PictureHeader read(ByteBuffer in) {
        in.order(ByteOrder.LITTLE_ENDIAN);
        int width = in.getShort(6) & 0xFFFF;
        int height = in.getShort(8) & 0xFFFF;
        int flags = in.get(10);
        in.position(13 + ((flags & 0x80) != 0 ? 3 << ((flags & 7) + 1) : 0));
        while (true) {
            int kind = in.get() & 0xFF;
            if (kind == EXTENSION) {
                in.get();
                skipBlocks(in);
            } else if (kind == IMAGE) {
                int left = in.getShort() & 0xFFFF;
                int top = in.getShort() & 0xFFFF;
                // Readers widen the canvas for a frame that overhangs it.
                int canvasWidth = Math.max(width, left + (in.getShort() & 0xFFFF));
                int canvasHeight = Math.max(height, top + (in.getShort() & 0xFFFF));
                return new PictureHeader(
                        PictureHeader.Format.GIF, canvasWidth, canvasHeight, Orientation.UPRIGHT, false, left, top);
            } else {
                throw PictureHeader.cutShort("a gif picture");
            }
        }
    }

    private static void skipBlocks(ByteBuffer in) {
        int length = in.get() & 0xFF;
        while (length > 0) {
            in.position(in.position() + length);
            length = in.get() & 0xFF;
        }
    }
}
