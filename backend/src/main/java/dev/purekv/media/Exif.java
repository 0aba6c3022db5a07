package dev.purekv.media;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Finds the orientation in an EXIF block. A block that cannot be read says nothing, as for other readers. */
final class Exif {
    private static final int ORIENTATION = 0x0112;

    private Exif() {}

    /** @param block TIFF header first; a leading "Exif\0\0" is skipped */
    static Orientation orientation(ByteBuffer block) {
        int start = PictureHeader.starts(block, 0, "Exif\0\0") ? 6 : 0;
        ByteBuffer in = block.slice(start, block.limit() - start);
        try {
            in.order(in.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
            int directory = in.getInt(4);
            int entries = in.getShort(directory) & 0xFFFF;
            for (int i = 0; i < entries; i++) {
                int at = directory + 2 + 12 * i;
                if ((in.getShort(at) & 0xFFFF) == ORIENTATION) {
                    return Orientation.ofExif(in.getShort(at + 8));
                }
            }
        } catch (IndexOutOfBoundsException e) {
            return Orientation.UPRIGHT;
        }
        return Orientation.UPRIGHT;
    }
}
