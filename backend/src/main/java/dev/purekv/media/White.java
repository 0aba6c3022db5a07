package dev.purekv.media;

/** Lays transparent colours on white with Pillow's rounding ({@code Image.paste} with a mask). */
final class White {
    private White() {}

    static int under(int colour, int alpha) {
        int sum = 255 * (255 - alpha) + colour * alpha + 128;
        return ((sum >> 8) + sum) >> 8;
    }
}
