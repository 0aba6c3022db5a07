package dev.purekv.media;

import dev.purekv.ServingException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The container formats of clips, told apart by their first bytes. Only these demuxers are ever handed a client's bytes:
 * some of FFmpeg's others follow references to files and addresses.
 */
enum Container {
    MP4("mov"),
    WEBM("matroska"),
    GIF("gif"),
    AVI("avi");

    private static final long WEBM_SEGMENT = 0x18538067L;

    private final String demuxer;

    Container(String demuxer) {
        this.demuxer = demuxer;
    }

    String demuxer() {
        return demuxer;
    }

    /** @throws ServingException INVALID_REQUEST for other bytes, and for files that end before they say they do */
    static Container of(byte[] encoded) {
        ByteBuffer in = ByteBuffer.wrap(encoded).order(ByteOrder.BIG_ENDIAN);
        try {
            if (encoded.length >= 8 && isMp4Box(in.getInt(4))) {
                checkMp4(in);
                return MP4;
            }
            if (encoded.length >= 4 && in.getInt(0) == 0x1A45DFA3) {
                checkWebm(in);
                return WEBM;
            }
            if (PictureHeader.starts(in, 0, "GIF87a") || PictureHeader.starts(in, 0, "GIF89a")) {
                checkGif(encoded);
                return GIF;
            }
            if (PictureHeader.starts(in, 0, "RIFF") && PictureHeader.starts(in, 8, "AVI ")) {
                checkAvi(in.order(ByteOrder.LITTLE_ENDIAN));
                return AVI;
            }
        } catch (IndexOutOfBoundsException e) {
            throw PictureHeader.cutShort("a video");
        }
        throw ServingException.invalid(
                "reading a video: expected mp4, mov, webm, mkv, avi or gif, got %d bytes that are none of these",
                encoded.length);
    }

    private static boolean isMp4Box(int kind) {
        return switch (kind) {
            case 0x66747970, 0x6D6F6F76, 0x6D646174, 0x66726565, 0x736B6970, 0x77696465, 0x73747970 -> true;
            default -> false;
        };
    }

    /** Every top-level box must lie within the file, and one of them must be the index. */
    private static void checkMp4(ByteBuffer in) {
        boolean indexed = false;
        long at = 0;
        while (at + 8 <= in.limit()) {
            long size = in.getInt((int) at) & 0xFFFFFFFFL;
            indexed |= in.getInt((int) at + 4) == 0x6D6F6F76;
            if (size == 1) {
                size = in.getLong((int) at + 8);
            }
            if (size == 0) {
                break; // to the end of the file
            }
            if (size < 8 || size > in.limit() - at) {
                throw ServingException.invalid(
                        "reading an mp4 video: the box at byte %d claims %d bytes, the file has %d left: it was cut short; send it whole",
                        at, size, in.limit() - at);
            }
            at += size;
        }
        if (!indexed) {
            throw ServingException.invalid(
                    "reading an mp4 video: expected an index (moov), found none in %d bytes: the file was cut short or its recording never finished; send it whole",
                    in.limit());
        }
    }

    private static void checkWebm(ByteBuffer in) {
        long[] header = vint(in, 4);
        long segment = 4 + header[0] + header[1];
        if (segment + 4 > in.limit()) {
            throw PictureHeader.cutShort("a webm video");
        }
        if ((in.getInt((int) segment) & 0xFFFFFFFFL) != WEBM_SEGMENT) {
            return; // the demuxer will say what is wrong
        }
        long[] body = vint(in, (int) segment + 4);
        long missing = segment + 4 + body[0] + body[1] - in.limit();
        if (body[1] >= 0 && missing > 0) {
            throw ServingException.invalid(
                    "reading a webm video: the file ends %d bytes before it should; send it whole", missing);
        }
    }

    /** An EBML number: @return its length in bytes, and its value, -1 for "unknown" */
    private static long[] vint(ByteBuffer in, int at) {
        int first = in.get(at) & 0xFF;
        int length = Integer.numberOfLeadingZeros(first) - 23;
        if (length > 8) {
            throw PictureHeader.cutShort("a webm video");
        }
        long value = first & (0xFF >> length);
        for (int i = 1; i < length; i++) {
            value = value << 8 | in.get(at + i) & 0xFF;
        }
        boolean unknown = value == (1L << 7 * length) - 1;
        return new long[] {length, unknown ? -1 : value};
    }

    private static void checkGif(byte[] encoded) {
        int last = encoded.length - 1;
        while (last > 0 && encoded[last] == 0) {
            last--;
        }
        if (encoded[last] != 0x3B) {
            throw PictureHeader.cutShort("a gif animation");
        }
    }

    private static void checkAvi(ByteBuffer in) {
        long missing = 8 + (in.getInt(4) & 0xFFFFFFFFL) - in.limit();
        if (missing > 0) {
            throw ServingException.invalid(
                    "reading an avi video: the file ends %d bytes before it should; send it whole", missing);
        }
    }
}
