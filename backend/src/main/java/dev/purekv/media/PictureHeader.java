package dev.purekv.media;

import dev.purekv.ServingException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What an encoded picture says about itself before any pixel is decoded.
 *
 * @param alpha whether transparent pixels are to be laid on white
 * @param left where the stored pixels stand on the canvas (GIF)
 * @param top likewise
 */
record PictureHeader(Format format, int width, int height, Orientation orientation, boolean alpha, int left, int top) {
    enum Format {
        PNG,
        JPEG,
        GIF,
        BMP,
        WEBP
    }

    static PictureHeader of(Format format, int width, int height, Orientation orientation, boolean alpha) {
        return new PictureHeader(format, width, height, orientation, alpha, 0, 0);
    }

    /** @throws ServingException INVALID_REQUEST for bytes that are no known picture, or end before they should */
    static PictureHeader read(byte[] encoded) {
        ByteBuffer in = ByteBuffer.wrap(encoded).order(ByteOrder.BIG_ENDIAN);
        try {
            if (encoded.length >= 8 && in.getLong(0) == 0x89504E470D0A1A0AL) {
                return PngHeader.read(in);
            }
            if (encoded.length >= 3 && in.getShort(0) == (short) 0xFFD8) {
                return JpegHeader.read(in);
            }
            if (starts(in, 0, "GIF87a") || starts(in, 0, "GIF89a")) {
                return GifHeader.read(in);
            }
            if (starts(in, 0, "RIFF") && starts(in, 8, "WEBP")) {
                return WebpHeader.read(in);
            }
            if (starts(in, 0, "BM") && encoded.length >= 26) {
                return bmp(in);
            }
        } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
            throw cutShort("a picture");
        }
        throw ServingException.invalid(
                "reading a picture: expected png, jpeg, webp, gif or bmp, got %d bytes that are none of these",
                encoded.length);
    }

    /** Two headers are in use: an old one with 16-bit sides, and one with 32-bit sides whose height may be negative. */
    private static PictureHeader bmp(ByteBuffer in) {
        in.order(ByteOrder.LITTLE_ENDIAN);
        boolean old = in.getInt(14) == 12;
        int width = old ? in.getShort(18) & 0xFFFF : in.getInt(18);
        int height = old ? in.getShort(20) & 0xFFFF : Math.abs(in.getInt(22));
        return of(Format.BMP, width, height, Orientation.UPRIGHT, false);
    }

    static boolean starts(ByteBuffer in, int at, String magic) {
        if (in.limit() < at + magic.length()) {
            return false;
        }
        for (int i = 0; i < magic.length(); i++) {
            if (in.get(at + i) != (byte) magic.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    static ServingException cutShort(String what) {
        return ServingException.invalid("reading %s: the file ends before it should; send it whole", what);
    }
}
