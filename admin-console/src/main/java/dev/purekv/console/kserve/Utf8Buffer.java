package dev.purekv.console.kserve;

import dev.purekv.console.exchange.Refusal;
import java.io.Writer;
import java.util.Arrays;

/**
 * A growing array of bytes that takes text as UTF-8 piece by piece, so that a long string is never held as a whole
 * besides its bytes. Half of a surrogate pair is refused: it has no UTF-8.
 */
final class Utf8Buffer extends Writer {
    private static final int LARGEST = Integer.MAX_VALUE - 16;

    private byte[] bytes = new byte[256];
    private int size;
    private char high;

    int size() {
        return size;
    }

    byte[] toByteArray() {
        return bytes.length == size ? bytes : Arrays.copyOf(bytes, size);
    }

    void append(byte[] more) {
        reserve(more.length);
        System.arraycopy(more, 0, bytes, size, more.length);
        size += more.length;
    }

    /** Overwrites four bytes, little endian. */
    void putIntAt(int position, int value) {
        for (int i = 0; i < 4; i++) {
            bytes[position + i] = (byte) (value >>> (8 * i));
        }
    }

    void endOfString() {
        if (high != 0) {
            throw loneSurrogate();
        }
    }

    @Override
    public void write(char[] text, int offset, int length) {
        reserve(length);
        for (int i = offset; i < offset + length; i++) {
            char c = text[i];
            if (c < 0x80 && high == 0) {
                if (size == bytes.length) {
                    reserve(1);
                }
                bytes[size++] = (byte) c;
            } else {
                writeWide(c);
            }
        }
    }

    private void writeWide(char c) {
        reserve(4);
        if (high != 0) {
            if (!Character.isLowSurrogate(c)) {
                throw loneSurrogate();
            }
            int point = Character.toCodePoint(high, c);
            high = 0;
            put(0xf0 | point >>> 18, 0x80 | point >>> 12 & 0x3f, 0x80 | point >>> 6 & 0x3f, 0x80 | point & 0x3f);
        } else if (Character.isHighSurrogate(c)) {
            high = c;
        } else if (Character.isLowSurrogate(c)) {
            throw loneSurrogate();
        } else if (c < 0x800) {
            put(0xc0 | c >>> 6, 0x80 | c & 0x3f);
        } else {
            put(0xe0 | c >>> 12, 0x80 | c >>> 6 & 0x3f, 0x80 | c & 0x3f);
        }
    }

    private void put(int... units) {
        for (int unit : units) {
            bytes[size++] = (byte) unit;
        }
    }

    /** Makes room for so many bytes. */
    void reserve(long more) {
        long needed = size + more;
        if (needed > LARGEST) {
            throw new Refusal(413, "an input tensor is larger than " + LARGEST + " bytes");
        }
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(LARGEST, Math.max(needed, bytes.length * 3L / 2)));
        }
    }

    private static Refusal loneSurrogate() {
        return Refusal.invalid("failed to parse the request JSON buffer: a \\u escape holds half of a surrogate pair");
    }

    @Override
    public void flush() {
        // Nothing is held back.
    }

    @Override
    public void close() {
        // Nothing to let go of.
    }
}
