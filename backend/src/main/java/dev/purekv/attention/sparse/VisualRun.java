package dev.purekv.attention.sparse;

/**
 * The tokens of one image or video, slice by slice.
 *
 * @param start its first token
 * @param slices T; 1 for an image
 * @param cells P, tokens of one slice: rows times columns after merging
 */
public record VisualRun(int start, int slices, int cells) {
    public VisualRun {
        if (start < 0 || slices < 1 || cells < 1) {
            throw new IllegalArgumentException("expected a start from 0 and at least one slice and one cell, got start "
                    + start + ", " + slices + " slices of " + cells + " cells");
        }
    }

    public int tokens() {
        return Math.multiplyExact(slices, cells);
    }

    /** The first token behind it. */
    public int end() {
        return Math.addExact(start, tokens());
    }

    boolean holds(int token) {
        return token >= start && token < end();
    }

    int slice(int token) {
        return (token - start) / cells;
    }

    int cell(int token) {
        return (token - start) % cells;
    }
}
