package dev.purekv.model.qwen25vl;

import dev.purekv.media.Frame;
import dev.purekv.model.Grid;
import dev.purekv.model.VisualInput;
import dev.purekv.model.input.PixelNormalisation;

/**
 * Cuts frames into rows of normalised numbers, one row a patch. Inside a row: channel, frame, y, x. Patches of one cell
 * follow one another, row by row.
 */
final class PatchReader {
    private static final int LEVELS = 256;

    private final VisionConfig config;
    private final float[] table;

    PatchReader(VisionConfig config, PixelNormalisation normalisation) {
        this.config = config;
        this.table = normalisation.table();
    }

    /**
     * @param cellOrder the order in which the cells of a slice are read
     * @param first index of the first patch, counted over all slices in that order
     * @return {@code count} rows
     */
    float[] rows(VisualInput visual, int[] cellOrder, int first, int count) {
        float[] rows = new float[Math.multiplyExact(count, config.patchValues())];
        int slicePatches = cellOrder.length * config.cellPatches();
        for (int i = 0; i < count; i++) {
            int slice = (first + i) / slicePatches;
            int patch = (first + i) % slicePatches;
            int cell = cellOrder[patch / config.cellPatches()];
            read(visual, slice, cell, patch % config.cellPatches(), rows, i * config.patchValues());
        }
        return rows;
    }

    private void read(VisualInput visual, int slice, int cell, int part, float[] rows, int offset) {
        int merge = config.merge();
        int columns = visual.grid().w() / merge;
        int top = (cell / columns * merge + part / merge) * config.patch();
        int left = (cell % columns * merge + part % merge) * config.patch();
        int out = offset;
        for (int channel = 0; channel < config.channels(); channel++) {
            for (int step = 0; step < config.temporalPatch(); step++) {
                Frame frame = frame(visual, slice * config.temporalPatch() + step);
                for (int y = top; y < top + config.patch(); y++) {
                    int in = (y * frame.width() + left) * 3 + channel;
                    for (int x = 0; x < config.patch(); x++) {
                        rows[out++] = table[channel * LEVELS + (frame.rgb()[in + 3 * x] & 0xff)];
                    }
                }
            }
        }
    }

    /** An image is one frame, repeated for as long as a patch lasts. */
    private static Frame frame(VisualInput visual, int index) {
        return visual.kind() == VisualInput.Kind.IMAGE
                ? visual.frames().get(0)
                : visual.frames().get(index);
    }

    /** @throws IllegalArgumentException when frames, grid and configuration do not fit one another */
    void requireFits(VisualInput visual) {
        Grid grid = visual.grid();
        boolean image = visual.kind() == VisualInput.Kind.IMAGE;
        int frames = image ? 1 : grid.t() * config.temporalPatch();
        boolean fits = visual.frames().size() == frames
                && (!image || grid.t() == 1)
                && grid.h() % config.merge() == 0
                && grid.w() % config.merge() == 0;
        for (Frame frame : visual.frames()) {
            fits &= frame.height() == grid.h() * config.patch() && frame.width() == grid.w() * config.patch();
        }
        if (!fits) {
            throw new IllegalArgumentException("a " + visual.kind() + " with " + grid + " needs " + frames
                    + " frames of " + grid.w() * config.patch() + "x" + grid.h() * config.patch()
                    + " pixels and an even number of cells; got "
                    + visual.frames().size() + " frames of "
                    + visual.frames().stream()
                            .map(frame -> frame.width() + "x" + frame.height())
                            .distinct()
                            .toList());
        }
    }
}
