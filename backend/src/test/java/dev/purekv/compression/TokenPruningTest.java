package dev.purekv.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.NoNativeLeak;
import dev.purekv.settings.KvSettings;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which tokens leave, how many, and what a plan says of it. */
@ExtendWith(NoNativeLeak.class)
class TokenPruningTest {
    private static final int LAYERS = 8;

    private static Compression compression(double ratio, Object... more) {
        Map<String, Object> values = new HashMap<>(
                Map.of("compression_ratio", ratio, "clie_layer", "2", "token_pruning_layer", 3, "recent_tokens", 8));
        values.put("observation_tokens", 8);
        for (int i = 0; i < more.length; i += 2) {
            values.put((String) more[i], more[i + 1]);
        }
        return Compression.of(KvSettings.read(values, KvSettings.DEFAULT).resolved(LAYERS));
    }

    private static BitSet tokens(int from, int to) {
        BitSet tokens = new BitSet();
        tokens.set(from, to);
        return tokens;
    }

    @Test
    void asManySurviveAsTheLayersAboveKeep() {
        CompressionPlan plan = compression(5).plan(LAYERS, 1000, tokens(20, 980));
        assertThat(plan.kept()).containsOnly(200);
        assertThat(IntStream.range(0, LAYERS).map(plan::tokens))
                .containsExactly(1000, 1000, 1000, 200, 200, 200, 200, 200);
        assertThat(plan.cuts(2)).isTrue();
        assertThat(plan.cuts(3)).isFalse();
        assertThat(plan.note()).isEmpty();
    }

    @Test
    void theLayerAboveThatKeepsMostDecides() {
        CompressionPlan plan = compression(5, "layer_budgets", "pyramid").plan(LAYERS, 1000, tokens(20, 980));
        int[] kept = plan.kept();
        assertThat(Arrays.stream(kept).sum()).isEqualTo(LAYERS * 200);
        assertThat(plan.pruning().orElseThrow().survivors()).isEqualTo(kept[3]);
        assertThat(kept[7]).isLessThan(kept[3]);
        assertThat(plan.cuts(7)).isTrue();
    }

    @Test
    void whatIsNeverDroppedSurvivesABudgetBelowIt() {
        // 700 words: more than the 200 entries that a head keeps.
        CompressionPlan plan = compression(5).plan(LAYERS, 1000, tokens(300, 600));
        assertThat(plan.pruning().orElseThrow().survivors()).isEqualTo(700);
        assertThat(plan.kept()).containsOnly(200);
        assertThat(plan.cuts(5)).isTrue();
    }

    @Test
    void firstAndLastTokensAndTheWholeWindowAreNoCandidates() {
        BitSet all = tokens(0, 1000);
        assertThat(candidates(compression(5), all)).containsExactly(range(4, 992));
        assertThat(candidates(compression(5, "recent_tokens", 20), all)).containsExactly(range(4, 980));
        // The window is longer than what is protected from cutting, and full of visual tokens.
        assertThat(candidates(compression(5, "observation_tokens", 30), all)).containsExactly(range(4, 970));
    }

    private static int[] candidates(Compression compression, BitSet visual) {
        return compression.plan(LAYERS, 1000, visual).pruning().orElseThrow().candidates();
    }

    private static int[] range(int from, int to) {
        return IntStream.range(from, to).toArray();
    }

    @Test
    void dropsNothingWhereNothingMayBeDroppedAndSaysWhy() {
        assertThat(unpruned(compression(1).plan(LAYERS, 1000, tokens(20, 980))))
                .contains(
                        "compression_ratio 1 keeps everything; token_pruning_layer 3 drops nothing: a layer from there on keeps all");
        assertThat(unpruned(compression(5).plan(LAYERS, 1000)))
                .contains("token_pruning_layer 3 drops nothing", "no visual token beyond its first 4 and last 8");
        assertThat(unpruned(compression(5).plan(LAYERS, 12, tokens(4, 9))))
                .contains("everything is kept; token_pruning_layer 3 drops nothing");
    }

    private static String unpruned(CompressionPlan plan) {
        assertThat(plan.pruning()).isEmpty();
        return plan.note();
    }

    @Test
    void aPlanWithoutTheSettingSaysNothingOfIt() {
        CompressionPlan plan = compression(5, "token_pruning_layer", "off").plan(LAYERS, 1000, tokens(20, 980));
        assertThat(plan.pruning()).isEmpty();
        assertThat(plan.note()).isEmpty();
    }

    @Test
    void thePeakCountsSurvivorsAboveAndAllTokensBelow() {
        Compression compression = compression(5, "clie_layer", "0");
        CompressionPlan plan = compression.plan(LAYERS, 1000, tokens(20, 980));
        // Layers 0 to 2 are computed in full and cut one by one; then layers of 200 survivors come, which are not cut.
        assertThat(compression.peakEntries(plan, 10)).isEqualTo(Math.max(2 * 210 + 1000 + 210, LAYERS * 210));
        CompressionPlan text = compression.plan(LAYERS, 1000, tokens(300, 600));
        // 700 survivors, cut to 200 one layer after another.
        assertThat(compression.peakEntries(text, 10)).isEqualTo(7 * 210 + 700 + 210);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void theHighestScoresStayTiesToTheLowerPosition(long seed) {
        torch.manual_seed(seed);
        int[] candidates = IntStream.range(5, 90).filter(i -> i % 3 != 0).toArray();
        Tensor scores = torch.randint(6, new long[] {100}).to(torch.ScalarType.Float); // many ties
        float[] values = new float[100];
        scores.data_ptr_float().get(values);
        int chosen = 20;
        TokenPruning pruning = new TokenPruning(3, 100, candidates, 100 - candidates.length + chosen);
        int[] expected = IntStream.concat(
                        IntStream.range(0, 100).filter(i -> Arrays.binarySearch(candidates, i) < 0),
                        Arrays.stream(candidates)
                                .boxed()
                                .sorted((a, b) -> Float.compare(values[b], values[a])) // stable
                                .limit(chosen)
                                .mapToInt(Integer::intValue))
                .sorted()
                .toArray();
        assertThat(pruning.choose(scores)).containsExactly(expected);
    }

    @Test
    void aScoreThatIsNoNumberDisplacesNothingThatIsProtected() {
        Tensor scores = torch.full(new long[] {10}, new org.bytedeco.pytorch.Scalar(Double.NaN));
        assertThat(new TokenPruning(1, 10, new int[] {2, 3, 4}, 8).choose(scores))
                .contains(0, 1, 5, 6, 7, 8, 9);
    }

    @Test
    void rejectsASurvivorCountThatProtectionForbids() {
        for (int survivors : new int[] {6, 10}) {
            assertThatThrownBy(() -> new TokenPruning(1, 10, new int[] {2, 3, 4}, survivors))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("from 7 to 9 survivors, got " + survivors);
        }
    }
}
