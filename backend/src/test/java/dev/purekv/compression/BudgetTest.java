package dev.purekv.compression;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BudgetTest {
    @Test
    void uniformGivesEachLayerTheSame() {
        assertThat(new UniformBudget().share(4, 100, 20, 5)).containsExactly(20, 20, 20, 20);
    }

    @Test
    void pyramidKeepsTheTotalWithinItsBoundsAndNeverGrowsUpwards() {
        Random random = new Random(2);
        for (int round = 0; round < 2000; round++) {
            int layers = 1 + random.nextInt(40);
            int tokens = 1 + random.nextInt(3000);
            int floor = random.nextInt(tokens + 1);
            int mean = floor + random.nextInt(tokens - floor + 1);
            int[] shares = new PyramidBudget().share(layers, tokens, mean, floor);
            String what = layers + " layers, " + tokens + " tokens, mean " + mean + ", floor " + floor;
            assertThat(shares).as(what).hasSize(layers);
            assertThat(IntStream.of(shares).asLongStream().sum()).as(what).isEqualTo((long) layers * mean);
            assertThat(IntStream.of(shares)).as(what).allMatch(share -> share >= floor && share <= tokens);
            // Rounding may lift a layer by one above the layer below it.
            for (int layer = 1; layer < layers; layer++) {
                assertThat(shares[layer]).as(what).isLessThanOrEqualTo(shares[layer - 1] + 1);
            }
        }
    }

    @Test
    void pyramidGivesLowLayersMore() {
        assertThat(new PyramidBudget().share(3, 200, 28, 8)).containsExactly(47, 28, 9);
    }
}
