package dev.purekv.model.qwen25vl;

import dev.purekv.attention.Attention;
import dev.purekv.checkpoint.Weights;
import dev.purekv.model.Grid;
import dev.purekv.model.VisualInput;
import dev.purekv.model.decoder.VisionEncoder;
import dev.purekv.model.input.PixelNormalisation;
import dev.purekv.model.layer.Linear;
import dev.purekv.model.layer.RotaryTable;
import dev.purekv.tensor.ComputeDevice;
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
    private final PatchReader images;
    private final PatchReader videos;
    private final Linear patchEmbedding;
    private final List<VisionBlock> blocks;
    private final PatchMerger merger;
    private final float[] inverseFrequencies; // D/4

    /** How pixels are normalised, by the kind of what they belong to. */
    record Pixels(PixelNormalisation images, PixelNormalisation videos) {}

    VisionTower(VisionConfig config, Weights weights, Attention attention, Pixels pixels, ComputeDevice device) {
        this.config = config;
        this.device = device;
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
            RotaryTable rotary = rotary(grid, layout.order());
            Tensor rasterOrder = device.indices(layout.inverse());
            for (int slice = 0; slice < grid.t(); slice += chunkSlices) {
                int slices = Math.min(chunkSlices, grid.t() - slice);
                try (PointerScope chunk = new PointerScope()) {
                    Tensor hidden = embed(reader, visual, layout.order(), slice * slicePatches, slices * slicePatches);
                    runBlocks(hidden, rotary, layout, progress);
                    tokens.narrow(0, (long) slice * cells, (long) slices * cells)
                            .copy_(merger.apply(hidden)
                                    .view(slices, cells, -1)
                                    .index_select(1, rasterOrder)
                                    .view((long) slices * cells, -1));
                }
            }
        }
    }

    private void runBlocks(Tensor hidden, RotaryTable rotary, WindowLayout layout, Runnable progress) {
        int slicePatches = layout.order().length * config.cellPatches();
        for (int i = 0; i < blocks.size(); i++) {
            progress.run();
            boolean full = config.fullBlocks().contains(i);
            try (PointerScope block = new PointerScope()) {
                blocks.get(i).run(hidden, rotary, slicePatches, full ? layout.wholeSlice() : layout.runs());
            }
        }
    }

    /** @return (count, C); read in portions, so that the Java heap never holds a whole large picture's numbers */
    private Tensor embed(PatchReader reader, VisualInput visual, int[] order, int first, int count) {
        Tensor hidden = device.empty(count, config.hidden());
        for (int done = 0; done < count; done += CHUNK_PATCHES) {
            int portion = Math.min(CHUNK_PATCHES, count - done);
            try (PointerScope scope = new PointerScope()) {
                Tensor rows =
                        device.floats(reader.rows(visual, order, first + done, portion), portion, config.patchValues());
                hidden.narrow(0, done, portion).copy_(patchEmbedding.apply(rows));
            }
        }
        return hidden;
    }

    /** Half of the frequencies turn with the patch's row, half with its column; time has none. */
    private RotaryTable rotary(Grid grid, int[] order) {
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
        return RotaryTable.of(angles, patches, device);
    }
}
