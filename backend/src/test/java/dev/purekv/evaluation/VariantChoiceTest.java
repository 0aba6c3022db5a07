package dev.purekv.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.ServingException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VariantChoiceTest {
    private static List<String> variants(List<String> patterns, List<String> own, Double... ratios) {
        return new VariantChoice(List.of("purekv", "snapkv"), List.of(ratios), patterns, own, 5)
                .variants().stream()
                        .map(each -> each.method() + "/" + each.prefill() + "/" + Table.trimmed(each.ratio()))
                        .toList();
    }

    @Test
    void everyMethodMeetsEveryRatioAndTheFullCacheStandsOnceForRatioOne() {
        assertThat(variants(List.of("dense", "sparse"), List.of(), 1.0, 5.0))
                .containsExactly(
                        "full/dense/1",
                        "purekv/dense/5",
                        "snapkv/dense/5",
                        "full/sparse/1",
                        "purekv/sparse/5",
                        "snapkv/sparse/5");
    }

    @Test
    void theFullCacheIsThereEvenIfNobodyAsks() {
        assertThat(variants(List.of("sparse"), List.of(), 5.0))
                .containsExactly("full/dense/1", "purekv/sparse/5", "snapkv/sparse/5");
    }

    /** Without a ratio no token leaves, and other methods than purekv refuse pruning. */
    @Test
    void pruningGoesWithPureKvAndARatio() {
        assertThat(variants(List.of("pruned", "sparse_pruned"), List.of(), 1.0, 5.0))
                .containsExactly("full/dense/1", "purekv/pruned/5", "purekv/sparse_pruned/5");
    }

    @Test
    void settingsOfOnesOwnAreTriedAtEveryRatio() {
        assertThat(variants(List.of("dense"), List.of("clie_layer=1,3 sink_tokens=2"), 2.0))
                .containsExactly(
                        "full/dense/1",
                        "purekv/dense/2",
                        "snapkv/dense/2",
                        "purekv clie_layer=1,3 sink_tokens=2/dense/2");
    }

    @Test
    void settingsThatNoModelTakesAreRefusedBeforeAnythingRuns() {
        assertThatThrownBy(() -> variants(List.of("dense"), List.of("sink_tokens=-1"), 2.0))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining("'sink_tokens' must be 0 or more");
        assertThatThrownBy(() -> variants(List.of("dense"), List.of("compression_ratio=3"), 2.0))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining("without compression_ratio");
    }

    @Test
    void aVariantIsToldApartByAllItsSettings() {
        Variant spelt = Variant.of("purekv", PrefillPattern.DENSE, 5, Map.of("sink_tokens", "4"));
        Variant implied = Variant.of("purekv", PrefillPattern.DENSE, 5, Map.of("kv_policy", "purekv"));
        Variant other = Variant.of("purekv", PrefillPattern.DENSE, 5, Map.of("sink_tokens", "5"));
        assertThat(spelt.key()).isEqualTo(implied.key()).isNotEqualTo(other.key());
    }
}
