package dev.purekv.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.NoNativeLeak;
import dev.purekv.attention.SegmentAttention.Segments;
import dev.purekv.tensor.Tiles;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(NoNativeLeak.class)
class SegmentAttentionTest {
    /** Of a score of all heads in one of its two products. */
    private static final long COST = 2 * (8 + 32);

    private static final Segments ALL = Segments.whole(40);

    static IntStream seeds() {
        return IntStream.range(0, 60);
    }

    /** Some slices of rows, of which some are segments; as large a tile as comes. */
    @ParameterizedTest
    @MethodSource("seeds")
    void everyTilingGivesTheNumbersOfTheDefinition(int seed) {
        Random random = new Random(seed);
        torch.manual_seed(seed);
        Segments segments = new Segments(random.nextInt(5), 1 + random.nextInt(6), 1 + random.nextInt(40));
        long rows = segments.start() + segments.count() * segments.length() + random.nextInt(4);
        SegmentAttention.Rows tensors = random(1 + random.nextInt(4), rows, 1 + random.nextInt(3), 8);
        Tiles tiles = new Tiles(1 + random.nextInt(200_000), 1 + random.nextInt(8));
        new SegmentAttention(new FusedAttention(), tiles).run(tensors, segments, () -> {});
        for (long segment = 0; segment < segments.count(); segment++) {
            long first = segments.start() + segment * segments.length();
            Tensor expected = new ReferenceAttention()
                    .full(
                            tensors.q().narrow(1, first, segments.length()),
                            tensors.k().narrow(1, first, segments.length()),
                            tensors.v().narrow(1, first, segments.length()));
            assertThat(distance(tensors.out().narrow(1, first, segments.length()), expected))
                    .isLessThan(1e-5f);
        }
        assertThat(tensors.out().narrow(1, 0, segments.start()).abs().sum().item_float())
                .as("other rows stay as they were")
                .isZero();
    }

    /** However large the segment: what is computed between two pauses is the work that was asked for. */
    @Test
    void noTileIsLargerThanAsked() {
        // Of 8 queries: 8 x 40 scores.
        assertThat(pauses(new Tiles(2L * 8 * 40 * COST, 8), ALL)).isEqualTo(3 * 5);
        assertThat(pauses(new Tiles(2L * 40 * 40 * COST, 8), ALL)).isEqualTo(3);
        assertThat(pauses(new Tiles(2L * 2 * 40 * 40 * COST, 8), ALL)).isEqualTo(2);
        assertThat(pauses(new Tiles(2L * 4 * 10 * 10 * COST, 8), new Segments(0, 4, 10)))
                .isEqualTo(3);
        assertThat(pauses(new Tiles(2L * 3 * 10 * 10 * COST, 8), new Segments(0, 4, 10)))
                .isEqualTo(3 * 2);
    }

    private static int pauses(Tiles tiles, Segments segments) {
        AtomicInteger pauses = new AtomicInteger();
        try (PointerScope scope = new PointerScope()) {
            new SegmentAttention(new FusedAttention(), tiles)
                    .run(random(3, 40, 2, 8), segments, pauses::incrementAndGet);
        }
        return pauses.get();
    }

    private static SegmentAttention.Rows random(long slices, long rows, long heads, long width) {
        long[] shape = {slices, rows, heads, width};
        return new SegmentAttention.Rows(
                torch.randn(shape), torch.randn(shape), torch.randn(shape), torch.zeros(shape));
    }

    private static float distance(Tensor a, Tensor b) {
        return a.sub(b).abs().max().item_float();
    }
}
