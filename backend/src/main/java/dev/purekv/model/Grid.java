package dev.purekv.model;

/**
 * How the patches of one image or video lie: {@code t} slices of {@code h} rows and {@code w} columns, in vision patches
 * (before the merger joins 2x2 of them into one visual token).
 */
public record Grid(int t, int h, int w) {
    public Grid {
        if (t < 1 || h < 1 || w < 1) {
            throw new IllegalArgumentException(
                    "a grid needs at least one patch on each axis, got " + t + "x" + h + "x" + w);
        }
    }

    public int patches() {
        return Math.multiplyExact(Math.multiplyExact(t, h), w);
    }
}
