package dev.purekv.attention.sparse;

import dev.purekv.attention.FusedPart;
import dev.purekv.attention.Partial;
import dev.purekv.tensor.Native;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Sparse attention of one image or video, for one key/value head and the R query heads that share it.
 *
 * <p>The keys that a token sees fall into three sets: its own slice up to itself, its cell in earlier slices, and text. Its
 * own key belongs to the slice, or to the cell when slices are not looked at, so it counts once.
 *
 * <p>Some slices are done at a time: what is between stays small, and the keys of a cell that later slices alone could see are
 * never computed with.
 */
final class VisualHead {
    /** Slices at a time; the kernel works on 32 queries of a cell at a time, so fewer would not pay. */
    private static final int SLAB = 32;

    /** Cells at a time within a slice, where the kernel's causal mask would waste more than the merging costs. */
    private static final int BLOCK = 64;

    private static final int KERNEL_KEYS = 512;

    private final VisualRun run;
    private final SparseReach reach;
    private final Tensor q; // (T, P, R, D)
    private final Tensor k; // (T, P, D)
    private final Tensor v; // (T, P, D)

    /**
     * @param q (N, R, D) of the prompt
     * @param k (N, D)
     * @param v (N, D)
     */
    VisualHead(VisualRun run, SparseReach reach, Tensor q, Tensor k, Tensor v) {
        this.run = run;
        this.reach = reach;
        this.q = grid(q, q.size(1), q.size(2));
        this.k = grid(k, k.size(1));
        this.v = grid(v, v.size(1));
    }

    private Tensor grid(Tensor x, long... rest) {
        long[] shape = new long[2 + rest.length];
        shape[0] = run.slices();
        shape[1] = run.cells();
        System.arraycopy(rest, 0, shape, 2, rest.length);
        return x.narrow(0, run.start(), run.tokens()).view(shape); // (T, P, ...)
    }

    /**
     * @param textKeys (S, D) of the text before, all of which is seen; S may be 0
     * @param textValues (S, D)
     * @param result (N, R, D) of the prompt, whose rows of this image or video are written
     */
    void writeTo(Tensor result, Tensor textKeys, Tensor textValues) {
        Tensor target = grid(result, result.size(1), result.size(2)); // (T, P, R, D)
        Tensor keys = k.transpose(0, 1).contiguous(); // (P, T, D), for all slabs and query heads read them
        Tensor values = v.transpose(0, 1).contiguous();
        for (int start = 0; start < run.slices(); start += SLAB) {
            int first = start;
            int length = Math.min(SLAB, run.slices() - start);
            Native.scoped(() -> {
                Partial sum = reach.spatial() ? ownSlice(first, length) : nothing(length, run.cells());
                addOwnCell(sum, first, length, keys, values);
                addText(sum, first, textKeys, textValues);
                return target.narrow(0, first, length).copy_(sum.out());
            });
        }
    }

    private Partial ownSlice(int first, int length) {
        Tensor queries = q.narrow(0, first, length).transpose(1, 2); // (T, R, P, D)
        Tensor keys = k.narrow(0, first, length);
        Tensor values = v.narrow(0, first, length);
        if (run.cells() <= BLOCK || run.cells() > 2 * KERNEL_KEYS) {
            return FusedPart.causal(queries, keys, values).permuted(0, 2, 1); // (T, P, R)
        }
        Partial sum = nothing(length, run.cells());
        Partial byCell = sum.permuted(1, 0, 2); // (P, T, R)
        Band whole = new Band(0, run.cells());
        for (int cell = 0; cell < run.cells(); cell += BLOCK) {
            int count = Math.min(BLOCK, run.cells() - cell);
            Partial block = whole.attend(queries.narrow(2, cell, count), cell, keys, values); // (T, R, P)
            byCell.narrowed(cell, count).absorb(block.permuted(2, 0, 1));
        }
        return sum;
    }

    /** @return attention over no key at all, (slices, cells, R): whatever is merged into it takes its place */
    private Partial nothing(long slices, long cells) {
        Tensor out = torch.full(new long[] {slices, cells, q.size(2), q.size(3)}, new Scalar(0), q.options());
        Scalar never = new Scalar(Double.NEGATIVE_INFINITY);
        return new Partial(out, torch.full(new long[] {slices, cells, q.size(2)}, never, q.options()));
    }

    /** Here cells are the batch and slices the sequence. */
    private void addOwnCell(Partial sum, int first, int length, Tensor keys, Tensor values) {
        Band band = new Band(reach.spatial() ? 1 : 0, Math.min(reach.slicesBack(), run.slices()));
        int skipped = Math.max(0, band.nearest() - first); // the first slice has none before it
        if (band.farthest() < band.nearest() || skipped >= length) {
            return;
        }
        Tensor queries = q.narrow(0, first + skipped, length - skipped).permute(1, 2, 0, 3); // (P, R, T, D)
        Partial cell = band.attend(queries, first + skipped, keys, values); // (P, R, T)
        sum.narrowed(skipped, length - skipped).absorb(cell.permuted(2, 0, 1)); // (T, P, R)
    }

    private void addText(Partial sum, int first, Tensor keys, Tensor values) {
        if (keys.size(0) == 0) {
            return;
        }
        long length = sum.lse().size(0);
        Tensor queries =
                q.narrow(0, first, length).flatten(0, 1).transpose(0, 1).unsqueeze(0); // (1, R, T P, D)
        sum.absorb(FusedPart.all(queries, keys.unsqueeze(0), values.unsqueeze(0))
                .permuted(0, 2, 1) // (1, T P, R)
                .viewed(length, run.cells(), q.size(2)));
    }
}
