package dev.purekv.model.qwen25vl;

import dev.purekv.attention.SegmentAttention;
import dev.purekv.checkpoint.Weights;
import dev.purekv.model.Grid;
import dev.purekv.model.VisualInput;
import dev.purekv.model.decoder.VisionEncoder;
import dev.purekv.model.input.PixelNormalisation;
import dev.purekv.model.layer.Linear;
import dev.purekv.model.layer.RotaryTable;
import dev.purekv.tensor.ComputeDevice;
import dev.purekv.tensor.Tiles;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Turns frames into visual tokens. No block lets the slices of a video see one another, so a long video passes in chunks
 * of slices and needs no more memory than one of them.
 */
final class VisionTower implements VisionEncoder {
    /** Fixed in the reference, not part of any config.json. */
    static final double EPSILON = 1e-6;

    /** About 200 MB of intermediate results at the width of Qwen2.5-VL; a single slice may exceed it. */
    private static final int CHUNK_PATCHES = 4096;

    private static final double ROPE_BASE = 10_000;

    private final VisionConfig config;
    private final ComputeDevice device;
    private final Tiles tiles;
    private final PatchReader images;
    private final PatchReader videos;
    private final Linear patchEmbedding;
    private final List<VisionBlock> blocks;
    private final PatchMerger merger;
    private final float[] inverseFrequencies; // D/4

    /** How pixels are normalised, by the kind of what they belong to. */
    record Pixels(PixelNormalisation images, PixelNormalisation videos) {}

    VisionTower(VisionConfig config, Weights weights, SegmentAttention attention, Pixels pixels, ComputeDevice device) {
        this.config = config;
        this.device = device;
        this.tiles = attention.tiles();
        this.images = new PatchReader(config, pixels.images());
        this.videos = new PatchReader(config, pixels.videos());
        // A convolution whose stride is its kernel is a product with the flattened patch.
        this.patchEmbedding = Linear.of(weights.at("patch_embed.proj")
                .take(
                        "weight",
                        config.hidden(),
                        config.channels(),
                        config.temporalPatch(),
                        config.patch(),
                        config.patch())
                .view(config.hidden(), config.patchValues()));
        this.blocks = IntStream.range(0, config.depth())
                .mapToObj(i -> new VisionBlock(config, weights.at("blocks").at(i), attention))
                .toList();
        this.merger = new PatchMerger(config, weights.at("merger"));
        this.inverseFrequencies = RotaryTable.inverseFrequencies(ROPE_BASE, config.headWidth() / 2);
    }

    @Override
    public void encode(VisualInput visual, Tensor tokens, Runnable progress) {
        PatchReader reader = visual.kind() == VisualInput.Kind.IMAGE ? images : videos;
        reader.requireFits(visual);
        Grid grid = visual.grid();
        WindowLayout layout =
                WindowLayout.of(grid.h() / config.merge(), grid.w() / config.merge(), config.windowCells());
        int slicePatches = grid.h() * grid.w();
        int cells = layout.order().length;
        int chunkSlices = Math.max(1, CHUNK_PATCHES / slicePatches);
        try (PointerScope scope = new PointerScope()) {
            RotaryTable rotary = rotary(grid, layout.order(), Math.min(chunkSlices, grid.t()));
            for (int slice = 0; slice < grid.t(); slice += chunkSlices) {
                int slices = Math.min(chunkSlices, grid.t() - slice);
                try (PointerScope chunk = new PointerScope()) {
                    Patches patches = new Patches(reader, visual, layout.order(), slice * slicePatches);
                    Tensor hidden = embed(patches, slices * slicePatches, progress);
                    runBlocks(hidden, rotary.narrow(0, hidden.size(0)), layout, progress);
                    Tensor own = tokens.narrow(0, (long) slice * cells, (long) slices * cells);
                    merge(hidden, layout.order(), own, progress);
                }
            }
        }
    }

    private void runBlocks(Tensor hidden, RotaryTable rotary, WindowLayout layout, Runnable progress) {
        int slicePatches = layout.order().length * config.cellPatches();
        for (int i = 0; i < blocks.size(); i++) {
            boolean full = config.fullBlocks().contains(i);
            try (PointerScope block = new PointerScope()) {
                blocks.get(i).run(hidden, rotary, slicePatches, full ? layout.wholeSlice() : layout.runs(), progress);
            }
        }
    }

    /** Where patches are read from; {@code first} counts over all slices, in the order of the cells. */
    private record Patches(PatchReader reader, VisualInput visual, int[] order, int first) {}

    /** @return (count, C); read in portions, so that the Java heap never holds a whole large picture's numbers */
    private Tensor embed(Patches patches, int count, Runnable progress) {
        Tensor hidden = device.empty(count, config.hidden());
        int portion = tiles.rows((long) config.hidden() * config.patchValues());
        Tiles.over(count, portion, progress, (from, rows) -> {
            float[] values =
                    patches.reader().rows(patches.visual(), patches.order(), patches.first() + (int) from, (int) rows);
            hidden.narrow(0, from, rows).copy_(patchEmbedding.apply(device.floats(values, rows, config.patchValues())));
        });
        return hidden;
    }

    /** @param tokens (T cells, C), row by row in each slice, written here */
    private void merge(Tensor hidden, int[] order, Tensor tokens, Runnable progress) {
        int patches = config.cellPatches();
        Tiles.over(tokens.size(0), tiles.rows(merger.work()), progress, (from, count) -> {
            int[] places = new int[(int) count];
            for (int i = 0; i < count; i++) {
                int cell = (int) from + i;
                places[i] = cell / order.length * order.length + order[cell % order.length];
            }
            Tensor merged = merger.apply(hidden.narrow(0, from * patches, count * patches));
            tokens.index_copy_(0, device.indices(places), merged);
        });
    }

    /** Half of the frequencies turn with the patch's row, half with its column; time has none, so that all slices have the same. */
    private RotaryTable rotary(Grid grid, int[] order, int slices) {
        int quarter = inverseFrequencies.length;
        int patches = grid.h() * grid.w();
        int columns = grid.w() / config.merge();
        float[] angles = new float[patches * 2 * quarter];
        for (int patch = 0; patch < patches; patch++) {
            int cell = order[patch / config.cellPatches()];
            int part = patch % config.cellPatches();
            float row = cell / columns * config.merge() + part / config.merge();
            float column = cell % columns * config.merge() + part % config.merge();
            for (int i = 0; i < quarter; i++) {
                angles[patch * 2 * quarter + i] = row * inverseFrequencies[i];
                angles[patch * 2 * quarter + quarter + i] = column * inverseFrequencies[i];
            }
        }
        float[] all = new float[slices * angles.length];
        for (int slice = 0; slice < slices; slice++) {
            System.arraycopy(angles, 0, all, slice * angles.length, angles.length);
        }
        return RotaryTable.of(all, slices * patches, device);
    }
}
