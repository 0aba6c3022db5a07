package dev.purekv.compression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.NoNativeLeak;
import dev.purekv.settings.KvPolicy;
import dev.purekv.settings.KvSettings;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(NoNativeLeak.class)
class CompressionTest {
    private static final int LAYERS = 8;

    private static Compression compression(KvPolicy policy, double ratio, String... more) {
        Map<String, Object> values = new HashMap<>(Map.of("kv_policy", policy.word(), "compression_ratio", ratio));
        for (int i = 0; i < more.length; i += 2) {
            values.put(more[i], more[i + 1]);
        }
        return Compression.of(KvSettings.read(values, KvSettings.DEFAULT).resolved(LAYERS));
    }

    @Test
    void keepsTheRatioOfALongPromptRoundedUp() {
        CompressionPlan plan = compression(KvPolicy.PUREKV, 5).plan(LAYERS, 628);
        assertThat(plan.kept()).hasSize(LAYERS).containsOnly(126);
        assertThat(plan.note()).isEmpty();
    }

    @Test
    void neverKeepsFewerThanTheProtectedAndSaysSo() {
        CompressionPlan plan = compression(KvPolicy.PUREKV, 10).plan(LAYERS, 100);
        assertThat(plan.kept()).containsOnly(36);
        assertThat(plan.note()).contains("ratio of 10.0 would keep 10 of 100 tokens", "36 protected");
    }

    @Test
    void keepsAShortPromptWholeAndSaysSo() {
        CompressionPlan plan = compression(KvPolicy.PUREKV, 10).plan(LAYERS, 36);
        assertThat(plan.cutsAnything()).isFalse();
        assertThat(plan.note()).contains("36 tokens", "4 first, 32 last", "everything is kept");
    }

    @Test
    void aRatioThatRoundsUpToEverythingSaysSo() {
        CompressionPlan plan = compression(KvPolicy.PUREKV, 1.001).plan(LAYERS, 100);
        assertThat(plan.cutsAnything()).isFalse();
        assertThat(plan.note()).contains("ratio of 1.001 keeps all of 100 tokens");
    }

    @Test
    void aRatioOfOneAndThePolicyFullKeepEverything() {
        for (KvPolicy policy : KvPolicy.values()) {
            assertThat(compression(policy, 1).plan(LAYERS, 999).cutsAnything()).isFalse();
        }
        assertThat(compression(KvPolicy.FULL, 5).plan(LAYERS, 999).note()).contains("kv_policy full");
    }

    @Test
    void aPyramidKeepsAsMuchInAll() {
        CompressionPlan plan = compression(KvPolicy.PYRAMIDKV, 5).plan(LAYERS, 1000);
        assertThat(Arrays.stream(plan.kept()).sum()).isEqualTo(LAYERS * 200);
        assertThat(plan.kept()[0]).isGreaterThan(plan.kept()[LAYERS - 1]);
        assertThat(compression(KvPolicy.VALUE_NORM, 5, "layer_budgets", "pyramid")
                        .plan(LAYERS, 1000)
                        .kept())
                .containsExactly(plan.kept());
    }

    @Test
    void anInvertedPyramidKeepsTheSameSharesUpsideDown() {
        int[] pyramid = compression(KvPolicy.PYRAMIDKV, 5).plan(LAYERS, 1000).kept();
        int[] inverted = compression(KvPolicy.PUREKV, 5, "layer_budgets", "inverted")
                .plan(LAYERS, 1000)
                .kept();
        for (int layer = 0; layer < LAYERS; layer++) {
            assertThat(inverted[layer]).isEqualTo(pyramid[LAYERS - 1 - layer]);
        }
    }

    @Test
    void snapKvProtectsItsWholeWindow() {
        Protection protection = compression(KvPolicy.SNAPKV, 5, "recent_tokens", "8", "observation_tokens", "24")
                .protection();
        assertThat(protection.recents()).isEqualTo(24);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FULL")
    void keepsExactlyAsManyAsPlannedAscendingWithTheProtectedAmongThem(KvPolicy policy) {
        for (int tokens : new int[] {40, 61, 200, 333}) {
            for (double ratio : new double[] {1.01, 2, 7.5, 100}) {
                Compression compression = compression(policy, ratio);
                CompressionPlan plan = compression.plan(LAYERS, tokens);
                for (int layer = 0; layer < LAYERS; layer++) {
                    int keep = plan.kept()[layer];
                    Tensor kept = compression.keptPositions(layer(compression, layer, tokens), keep);
                    assertThat(kept.shape()).containsExactly(3, keep);
                    for (int head = 0; head < 3; head++) {
                        assertSound(Tensors.longs(kept.select(0, head)), tokens, compression.protection());
                    }
                }
            }
        }
    }

    private static void assertSound(long[] kept, int tokens, Protection protection) {
        assertThat(kept).doesNotHaveDuplicates().isSorted();
        assertThat(kept[0]).isNotNegative();
        assertThat(kept[kept.length - 1]).isLessThan(tokens);
        for (int i = 0; i < Math.min(protection.sinks(), tokens); i++) {
            assertThat(kept).contains(i);
        }
        for (int i = Math.max(0, tokens - protection.recents()); i < tokens; i++) {
            assertThat(kept).contains(i);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FULL")
    void choosesTheSameEachTime(KvPolicy policy) {
        Compression compression = compression(policy, 5);
        long[] once = Tensors.longs(compression.keptPositions(layer(compression, 3, 250), 50));
        long[] again = Tensors.longs(compression(policy, 5).keptPositions(layer(compression, 3, 250), 50));
        assertThat(again).containsExactly(once);
    }

    /** A method that scores heads by what belongs to them follows them when they change places. */
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"FULL", "RANDOM"})
    void headsThatChangePlacesTakeTheirChoicesAlong(KvPolicy policy) {
        Compression compression = compression(policy, 5, "head_scores", "per_head");
        ScoredLayer layer = layer(compression, 2, 250);
        Tensor order = Tensor.create(2L, 0L, 1L);
        ScoredLayer moved = new ScoredLayer(
                2,
                layer.keys().index_select(0, order),
                layer.values().index_select(0, order),
                layer.attention() == null ? null : layer.attention().index_select(0, order));
        Tensor expected = compression.keptPositions(layer, 60).index_select(0, order);
        assertThat(compression.keptPositions(moved, 60).equal(expected)).isTrue();
    }

    @Test
    void theMeanOverHeadsLetsOnlyValuesTellHeadsApart() {
        ScoredLayer layer = Tensors.layer(0, 3, 100, true);
        ScoredLayer alike =
                new ScoredLayer(0, layer.keys(), layer.values().narrow(0, 0, 1).expand(3, 100, 8), layer.attention());
        Tensor kept = compression(KvPolicy.PUREKV, 2).keptPositions(alike, 50);
        assertThat(kept.select(0, 0).equal(kept.select(0, 1))).isTrue();
        Tensor apart =
                compression(KvPolicy.PUREKV, 2, "head_scores", "per_head").keptPositions(alike, 50);
        assertThat(apart.select(0, 0).equal(apart.select(0, 1))).isFalse();
    }

    @Test
    void streamingKeepsTheSinksAndTheLatest() {
        Compression compression = compression(KvPolicy.STREAMING_LLM, 2, "sink_tokens", "2", "recent_tokens", "1");
        long[] kept = Tensors.longs(
                compression.keptPositions(Tensors.layer(0, 3, 10, false), 5).select(0, 1));
        assertThat(kept).containsExactly(0, 1, 7, 8, 9);
    }

    @Test
    void valueNormKeepsTheLongestValues() {
        ScoredLayer layer = Tensors.layer(0, 1, 6, false);
        layer.values().narrow(1, 3, 1).mul_(new Scalar(100));
        Compression compression = compression(KvPolicy.VALUE_NORM, 3, "sink_tokens", "0", "recent_tokens", "1");
        assertThat(Tensors.longs(compression.keptPositions(layer, 2))).containsExactly(3, 5);
    }

    private static ScoredLayer layer(Compression compression, int index, int tokens) {
        return Tensors.layer(index, 3, tokens, compression.scorer().observes() != Observation.NOTHING);
    }
}
