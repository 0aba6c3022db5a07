package dev.purekv.media;

import dev.purekv.ServingException;
import java.nio.ByteBuffer;

/** Walks the markers of a JPEG file to its end: size, colours, orientation, and how many scans a decoder would run. */
final class JpegHeader {
    /** Encoders write about ten scans; thousands of tiny ones over a large picture are an attack on time. */
    private static final int MAX_SCANS = 100;

    private static final int START_OF_SCAN = 0xDA;
    private static final int END_OF_IMAGE = 0xD9;
    private static final int APP1 = 0xE1;

    private final ByteBuffer in;
    private int width;
    private int height;
    private int scans;
    private Orientation orientation = Orientation.UPRIGHT;

    private JpegHeader(ByteBuffer in) {
        this.in = in;
    }

    static PictureHeader read(ByteBuffer in) {
        JpegHeader header = new JpegHeader(in);
        header.walk();
        if (header.width == 0) {
            throw PictureHeader.cutShort("a jpeg picture");
        }
        return PictureHeader.of(PictureHeader.Format.JPEG, header.width, header.height, header.orientation, false);
    }

    private void walk() {
        in.position(2);
        while (true) {
            int marker = nextMarker();
            if (marker == END_OF_IMAGE) {
                return;
            }
            if (marker >= 0xD0 && marker <= 0xD8 || marker == 0x01) {
                continue; // these stand alone, without a length
            }
            int start = in.position();
            int length = in.getShort() & 0xFFFF;
            if (length < 2) {
                throw PictureHeader.cutShort("a jpeg picture");
            }
            segment(marker, start + 2, length - 2);
            in.position(start + length);
        }
    }

    /** Skips to the next marker, over the coded data of a scan, in which 0xFF is always followed by 0. */
    private int nextMarker() {
        while (true) {
            while ((in.get() & 0xFF) != 0xFF) {}
            int marker = in.get() & 0xFF;
            while (marker == 0xFF) {
                marker = in.get() & 0xFF;
            }
            if (marker != 0) {
                return marker;
            }
        }
    }

    private void segment(int marker, int at, int length) {
        if (marker == START_OF_SCAN && ++scans > MAX_SCANS) {
            throw ServingException.invalid(
                    "reading a jpeg picture: expected at most %d scans, got more; save it as baseline jpeg", MAX_SCANS);
        }
        // C4, C8 and CC lie among the frame headers but are tables.
        if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) {
            frame(at);
        }
        if (marker == APP1 && PictureHeader.starts(in, at, "Exif\0\0")) {
            orientation = Exif.orientation(in.slice(at + 6, length - 6));
        }
    }

    private void frame(int at) {
        int bits = in.get(at);
        int components = in.get(at + 5);
        if (bits != 8 || components != 1 && components != 3) {
            throw ServingException.unsupported(
                    "reading a jpeg picture: expected 8-bit grey or colour, got %d components of %d bits (CMYK?); save it as RGB",
                    components, bits);
        }
        height = in.getShort(at + 1) & 0xFFFF;
        width = in.getShort(at + 3) & 0xFFFF;
    }
}
