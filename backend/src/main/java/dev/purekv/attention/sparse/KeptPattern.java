package dev.purekv.attention.sparse;

import java.util.Arrays;

/**
 * A pattern of which only some tokens are left. They keep their slices and cells: survivor i sees survivor j if and only if
 * it did among all tokens. A slice may have lost any of its cells, so nothing is a grid any more.
 */
final class KeptPattern implements Visibility {
    private final SparsePattern whole;
    private final int[] survivors;
    private final VisualRun[] runs; // by survivor; null for text

    KeptPattern(SparsePattern whole, int[] survivors) {
        this.whole = whole;
        this.survivors = survivors.clone();
        this.runs = Arrays.stream(survivors).mapToObj(whole::visual).toArray(VisualRun[]::new);
        for (int i = 0; i < survivors.length; i++) {
            if (survivors[i] <= (i == 0 ? -1 : survivors[i - 1]) || survivors[i] >= whole.tokens()) {
                throw new IllegalArgumentException(
                        "expected ascending survivors below " + whole.tokens() + ", got " + survivors[i] + " at " + i);
            }
        }
    }

    @Override
    public int tokens() {
        return survivors.length;
    }

    @Override
    public boolean allows(int i, int j) {
        return whole.allows(survivors[i], survivors[j]);
    }

    @Override
    public KeptPattern kept(int[] rest) {
        return new KeptPattern(whole, Arrays.stream(rest).map(i -> survivors[i]).toArray());
    }

    /**
     * The same as {@link #allows}, many at a time.
     *
     * @return (rows, keys), row by row: zero where survivor {@code first + row} sees a key, minus infinity elsewhere
     */
    float[] mask(int first, int rows, int keys) {
        float[] mask = new float[Math.multiplyExact(rows, keys)];
        for (int row = 0; row < rows; row++) {
            int i = first + row;
            // Text hides nothing but what comes after it.
            int decided = runs[i] == null ? i + 1 : hideVisuals(mask, row * keys, i);
            Arrays.fill(mask, row * keys + decided, (row + 1) * keys, Float.NEGATIVE_INFINITY);
        }
        return mask;
    }

    /** @return how many keys are decided: those up to the survivor itself */
    private int hideVisuals(float[] mask, int offset, int i) {
        VisualRun own = runs[i];
        int slice = own.slice(survivors[i]);
        int cell = own.cell(survivors[i]);
        for (int j = 0; j < i; j++) {
            if (runs[j] != null && !(runs[j] == own && reaches(own, slice, cell, survivors[j]))) {
                mask[offset + j] = Float.NEGATIVE_INFINITY;
            }
        }
        return i + 1;
    }

    private boolean reaches(VisualRun own, int slice, int cell, int earlier) {
        int back = slice - own.slice(earlier);
        SparseReach reach = whole.reach();
        return back == 0 ? reach.spatial() : back <= reach.slicesBack() && own.cell(earlier) == cell;
    }
}
