package dev.purekv.media;

import java.nio.ByteBuffer;

/** Walks the chunks of a PNG file: size, transparency and orientation, and whether every chunk is there. */
final class PngHeader {
    private static final int TRUECOLOUR_WITH_ALPHA = 6;
    private static final int IHDR = 0x49484452;
    private static final int IEND = 0x49454E44;
    private static final int EXIF = 0x65584966;

    private PngHeader() {}

    static PictureHeader read(ByteBuffer in) {
        if (in.getInt(12) != IHDR) {
            throw PictureHeader.cutShort("a png picture");
        }
        int width = in.getInt(16);
        int height = in.getInt(20);
        boolean alpha = in.get(25) == TRUECOLOUR_WITH_ALPHA;
        Orientation orientation = Orientation.UPRIGHT;
        long at = 8;
        while (true) {
            long length = in.getInt(Math.toIntExact(at)) & 0xFFFFFFFFL;
            int kind = in.getInt((int) at + 4);
            // A chunk that claims more than the file holds would make a reader allocate it first.
            if (at + 12 + length > in.limit()) {
                throw PictureHeader.cutShort("a png picture");
            }
            if (kind == EXIF) {
                orientation = Exif.orientation(in.slice((int) at + 8, (int) length));
            }
            if (kind == IEND) {
                return PictureHeader.of(PictureHeader.Format.PNG, width, height, orientation, alpha);
            }
            at += 12 + length;
        }
    }
}
