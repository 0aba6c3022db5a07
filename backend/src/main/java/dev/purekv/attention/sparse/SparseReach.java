package dev.purekv.attention.sparse;

/**
 * How far a visual token looks within its own image or video. Text before it, and itself, it always sees.
 *
 * @param spatial the earlier cells of its own slice
 * @param temporal its own cell in earlier slices
 * @param temporalWindow the nearest so many of those slices at most; at least 1, and without effect when
 *     {@code temporal} is false
 */
public record SparseReach(boolean spatial, boolean temporal, int temporalWindow) {
    /** A window that holds every slice. */
    public static final int ALL_SLICES = Integer.MAX_VALUE;

    /** Own slice, and own cell in all earlier slices. */
    public static final SparseReach FULL = new SparseReach(true, true, ALL_SLICES);

    public SparseReach {
        if (temporalWindow < 1) {
            throw new IllegalArgumentException("a temporal window needs at least one slice, got " + temporalWindow);
        }
    }

    /** Earlier slices within reach; 0 when time is not looked at. */
    int slicesBack() {
        return temporal ? temporalWindow : 0;
    }
}
