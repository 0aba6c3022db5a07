package dev.purekv.attention;

import dev.purekv.tensor.Tiles;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention within segments of the rows of slices, as vision towers have it, a tile at a time: as many whole segments as make a tile,
 * or a part of one segment's queries where even that is too much.
 *
 * @param tiles how much is computed between two pauses
 */
public record SegmentAttention(Attention attention, Tiles tiles) {
    /** Queries at a time, at least and in steps: the kernel's own smallest tile on CPUs. */
    private static final int QUERIES = 32;

    /** A score also costs its exponential, as much as about so many multiplications of each of the two products. */
    private static final int EXPONENTIAL = 32;

    /**
     * Segments of one length that follow one another in each slice.
     *
     * @param start the first one's first row
     */
    public record Segments(long start, long count, long length) {
        /** All P rows of a slice see one another. */
        public static Segments whole(long rows) {
            return new Segments(0, 1, rows);
        }
    }

    /** Queries, keys, values, and where the result is written: each (S, P, H, D), S slices of P rows. */
    public record Rows(Tensor q, Tensor k, Tensor v, Tensor out) {}

    /** @param pause called before each tile; may throw to stop */
    public void run(Rows rows, Segments segments, Runnable pause) {
        long slices = rows.q().size(0);
        long perQuery = 2 * segments.length() * rows.q().size(2) * (rows.q().size(3) + EXPONENTIAL);
        long fitting = tiles.work() / (perQuery * segments.length()); // whole segments in a tile
        long wholeSlices = Math.max(1, fitting / segments.count());
        long together = Math.max(1, Math.min(fitting, segments.count()));
        long queries = fitting > 0 ? segments.length() : queries(perQuery);
        for (long slice = 0; slice < slices; slice += wholeSlices) {
            for (long segment = 0; segment < segments.count(); segment += together) {
                Part part = new Part(
                        slice,
                        Math.min(wholeSlices, slices - slice),
                        segments.start() + segment * segments.length(),
                        Math.min(together, segments.count() - segment),
                        segments.length());
                Tiles.over(segments.length(), queries, pause, (from, count) -> attend(rows, part, from, count));
            }
        }
    }

    private long queries(long perQuery) {
        return new Tiles(tiles.work(), Math.min(QUERIES, tiles.least())).rows(perQuery);
    }

    private void attend(Rows rows, Part part, long from, long queries) {
        Tensor q = part.segments(rows.q()).narrow(1, from, queries);
        Tensor result = attention.full(q, part.segments(rows.k()), part.segments(rows.v()));
        // Parts of a segment come one segment at a time: then this is no more than an offset.
        part.rows(rows.out())
                .narrow(1, from, part.count() * queries)
                .copy_(result.reshape(part.slices(), part.count() * queries, q.size(2), q.size(3)));
    }

    /** Some segments of some slices; {@code start} is the first row, in each slice. */
    private record Part(long slice, long slices, long start, long count, long length) {
        /** @return (slices, count * length, H, D), a view */
        Tensor rows(Tensor x) {
            return x.narrow(0, slice, slices).narrow(1, start, count * length);
        }

        /** @return (slices * count, length, H, D), a view where it is of one slice */
        Tensor segments(Tensor x) {
            return rows(x).reshape(slices * count, length, x.size(2), x.size(3));
        }
    }
}
