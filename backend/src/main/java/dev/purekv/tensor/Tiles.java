package dev.purekv.tensor;

import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * How much is computed in one go before others are let in.
 *
 * @param work multiplications of a tile at most, unless that is fewer rows than {@code least}
 * @param least rows that a matrix product needs to run at full speed
 */
public record Tiles(long work, int least) {
    /** About 16 GFLOP, a tenth of a second on two good cores: as long as tokens of other sequences should have to wait. */
    public static final Tiles STANDARD = new Tiles(8_000_000_000L, 128);

    /** What lies between two products stays in memory: rows of small models must not become too many. */
    private static final int MOST = 4096;

    /** What is done with some rows. */
    @FunctionalInterface
    public interface Body {
        void run(long from, long rows);
    }

    /**
     * @param perRow multiplications
     * @return rows of a tile
     */
    public int rows(long perRow) {
        return (int) Math.max(least, Math.min(MOST, work / perRow / least * least));
    }

    /**
     * Runs over tiles of rows, each in a native scope of its own.
     *
     * @param pause called before each tile; may throw to stop
     */
    public static void over(long rows, long tile, Runnable pause, Body body) {
        for (long from = 0; from < rows; from += tile) {
            pause.run();
            try (PointerScope scope = new PointerScope()) {
                body.run(from, Math.min(tile, rows - from));
            }
        }
    }

    /**
     * @param x (T, C)
     * @param width of the result
     * @param body gives (R, width) for (R, C), each row by itself
     * @return (T, width), computed tile by tile
     */
    public static Tensor map(Tensor x, long width, long tile, Runnable pause, UnaryOperator<Tensor> body) {
        Tensor result = torch.empty(new long[] {x.size(0), width}, x.options(), null);
        over(
                x.size(0),
                tile,
                pause,
                (from, rows) -> result.narrow(0, from, rows).copy_(body.apply(x.narrow(0, from, rows))));
        return result;
    }
}
