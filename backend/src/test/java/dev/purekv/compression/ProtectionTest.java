package dev.purekv.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.NoNativeLeak;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoNativeLeak.class)
class ProtectionTest {
    private static long[] choose(Protection protection, int keep, float... scores) {
        return Tensors.longs(protection.choose(Tensor.create(scores, new long[] {1, scores.length}), keep));
    }

    @Test
    void tiesGoToTheLowerPosition() {
        assertThat(choose(new Protection(0, 1), 4, 1, 2, 1, 2, 1, 2, 1, 0)).containsExactly(1, 3, 5, 7);
        assertThat(choose(new Protection(0, 1), 3, 7, 7, 7, 7, 7, 7)).containsExactly(0, 1, 5);
    }

    @Test
    void noScoreDisplacesWhatIsProtected() {
        float infinite = Float.POSITIVE_INFINITY;
        assertThat(choose(new Protection(1, 2), 4, -1, infinite, Float.NaN, 5, infinite, -9, -9))
                .contains(0, 5, 6)
                .hasSize(4);
    }

    @Test
    void keepingOnlyTheProtectedReadsNoScore() {
        assertThat(choose(new Protection(2, 1), 3, 0, 0, 9, 9, 9, 0)).containsExactly(0, 1, 5);
        assertThat(choose(new Protection(4, 4), 3, 1, 2, 3)).containsExactly(0, 1, 2);
    }

    @Test
    void refusesFewerThanTheProtectedAndMoreThanAll() {
        assertThatThrownBy(() -> choose(new Protection(1, 1), 1, 1, 2, 3)).hasMessageContaining("between 2 and 3");
        assertThatThrownBy(() -> choose(new Protection(1, 1), 4, 1, 2, 3)).hasMessageContaining("between 2 and 3");
    }

    /** Against the definition in plain Java, on scores with many ties. */
    @Test
    void choosesAsTheDefinitionSays() {
        Random random = new Random(5);
        for (int round = 0; round < 200; round++) {
            int tokens = 1 + random.nextInt(60);
            Protection protection = new Protection(random.nextInt(5), 1 + random.nextInt(5));
            int floor = protection.count(tokens);
            int keep = floor + random.nextInt(tokens - floor + 1);
            float[] scores = new float[2 * tokens];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = random.nextInt(6);
            }
            Tensor kept = protection.choose(Tensor.create(scores, new long[] {2, tokens}), keep);
            assertThat(kept.shape()).containsExactly(2, keep);
            for (int head = 0; head < 2; head++) {
                float[] own = Arrays.copyOfRange(scores, head * tokens, (head + 1) * tokens);
                assertThat(Tensors.longs(kept.select(0, head)))
                        .as("%s of %s, %d", protection, Arrays.toString(own), keep)
                        .containsExactly(defined(protection, own, keep));
            }
        }
    }

    private static long[] defined(Protection protection, float[] scores, int keep) {
        int tokens = scores.length;
        return IntStream.range(0, tokens)
                .boxed()
                .sorted(Comparator.<Integer>comparingInt(
                                i -> i < protection.sinks() || i >= tokens - protection.recents() ? 0 : 1)
                        .thenComparing(i -> -scores[i])
                        .thenComparing(i -> i))
                .limit(keep)
                .mapToLong(Integer::longValue)
                .sorted()
                .toArray();
    }
}
