package dev.purekv.media;

/**
 * How stored pixels must be turned to stand upright.
 *
 * @param swap rows become columns, first
 * @param mirrored left and right change places, after the swap
 * @param flipped top and bottom change places, after the swap
 */
record Orientation(boolean swap, boolean mirrored, boolean flipped) {
    static final Orientation UPRIGHT = new Orientation(false, false, false);

    /**
     * @param tag the value of EXIF tag 0x0112, 1 to 8; anything else counts as upright, as readers commonly do
     */
    static Orientation ofExif(int tag) {
        return switch (tag) {
            case 2 -> new Orientation(false, true, false);
            case 3 -> new Orientation(false, true, true);
            case 4 -> new Orientation(false, false, true);
            case 5 -> new Orientation(true, false, false);
            case 6 -> new Orientation(true, true, false);
            case 7 -> new Orientation(true, true, true);
            case 8 -> new Orientation(true, false, true);
            default -> UPRIGHT;
        };
    }

    /**
     * Reads the upper left of a container's display matrix: a stored point (x, y) is shown at (ax + cy, bx + dy). Angles
     * between the four right ones are shown as stored.
     */
    static Orientation ofDisplayMatrix(int a, int b, int c, int d) {
        if (a != 0 && d != 0 && b == 0 && c == 0) {
            return new Orientation(false, a < 0, d < 0);
        }
        if (b != 0 && c != 0 && a == 0 && d == 0) {
            return new Orientation(true, c < 0, b < 0);
        }
        return UPRIGHT;
    }

    Frame upright(Frame stored) {
        if (equals(UPRIGHT)) {
            return stored;
        }
        int width = swap ? stored.height() : stored.width();
        int height = swap ? stored.width() : stored.height();
        byte[] from = stored.rgb();
        byte[] to = new byte[from.length];
        int at = 0;
        for (int y = 0; y < height; y++) {
            int row = flipped ? height - 1 - y : y;
            for (int x = 0; x < width; x++) {
                int column = mirrored ? width - 1 - x : x;
                int source = 3 * (swap ? column * stored.width() + row : row * stored.width() + column);
                to[at++] = from[source];
                to[at++] = from[source + 1];
                to[at++] = from[source + 2];
            }
        }
        return new Frame(width, height, to);
    }
}
