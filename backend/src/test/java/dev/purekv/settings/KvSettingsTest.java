package dev.purekv.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.ServingException;
import dev.purekv.ServingException.Code;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KvSettingsTest {
    private static KvSettings read(Map<String, ?> values) {
        return KvSettings.read(values, KvSettings.DEFAULT);
    }

    private static void refuses(Map<String, ?> values, String... fragments) {
        assertThatThrownBy(() -> read(values))
                .hasMessageContainingAll(fragments)
                .asInstanceOf(InstanceOfAssertFactories.type(ServingException.class))
                .returns(Code.INVALID_REQUEST, ServingException::code);
    }

    @Test
    void whatIsNotSaidComesFromTheBase() {
        KvSettings model = read(Map.of("kv_policy", "snapkv", "compression_ratio", "5", "sink_tokens", "2"));
        KvSettings request = KvSettings.read(Map.of("compression_ratio", 8L), model);
        assertThat(request.policy()).isEqualTo(KvPolicy.SNAPKV);
        assertThat(request.compressionRatio()).isEqualTo(8);
        assertThat(request.sinkTokens()).isEqualTo(2);
        assertThat(request.recentTokens()).isEqualTo(32);
        assertThat(KvSettings.read(Map.of(), model)).isSameAs(model);
    }

    @Test
    void textAndTypedValuesMeanTheSame() {
        Map<String, Object> typed = Map.of(
                "compression_ratio", 5L, "clie_layer", List.of(4L, 2L), "sparse_attention_layer", 6L, "spatial", false);
        Map<String, Object> text = Map.of(
                "compression_ratio", " 5.0 ", "clie_layer", "4, 2", "sparse_attention_layer", "6", "spatial", "False");
        assertThat(read(typed)).isEqualTo(read(text));
        assertThat(read(typed).clieLayers()).containsExactly(2, 4);
        assertThat(read(Map.of("clie_layer", 3L)).clieLayers()).containsExactly(3);
    }

    @Test
    void offAndAllTakeBackWhatTheModelSays() {
        KvSettings model =
                read(Map.of("sparse_attention_layer", "6", "token_pruning_layer", "7", "temporal_window", "3"));
        KvSettings request = KvSettings.read(
                Map.of("sparse_attention_layer", "off", "token_pruning_layer", "off", "temporal_window", "all"), model);
        assertThat(request).isEqualTo(KvSettings.DEFAULT);
        assertThat(model.temporalWindow()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kv_policy|pure|full, random",
                "compression_ratio|fast|a number",
                "compression_ratio|NaN|a number",
                "compression_ratio|Infinity|a number",
                "compression_ratio|-1.0|between 1",
                "compression_ratio|1.0E7|between 1",
                "clie_layer|-1|0 or more",
                "clie_layer|two|layer index",
                "clie_layer|1,,2|layer index",
                "clie_layer|''|layer index",
                "sparse_attention_layer|on|off, or a layer index",
                "sparse_attention_layer|-2|off, or a layer index",
                "sparse_attention_layer|3.5|off, or a layer index",
                "token_pruning_layer|none|off, or a layer index",
                "spatial|yes|true or false",
                "temporal|2|true or false",
                "temporal_window|0|all, or 1 or more",
                "temporal_window|-3|all, or 1 or more",
                "sink_tokens|-1|0 or more",
                "recent_tokens|0|1 or more",
                "observation_tokens|0|1 or more",
                "observation_tokens|99999999999|whole number",
                "head_scores|max|mean, per_head",
                "layer_budgets|flat|uniform, pyramid, inverted"
            })
    void anInvalidValueIsNamedWithWhatWouldBeRight(String name, String value, String expected) {
        refuses(Map.of(name, value), "'" + name + "'", expected, value);
    }

    @Test
    void aRatioThatIsNearlyNothingIsRefusedLikeAnyOther() {
        refuses(Map.of("compression_ratio", Double.MIN_VALUE), "'compression_ratio'", "between 1", "4.9E-324");
    }

    @Test
    void aRatioBelowOneIsToldInBothConventions() {
        refuses(
                Map.of("compression_ratio", 0.8),
                "at least 1, got 0.8",
                "remove the fraction 0.8",
                "set 5;",
                "keep that fraction, set 1.25");
        refuses(Map.of("compression_ratio", "0"), "keep everything, set 1");
    }

    @Test
    void layersWithoutScoresLieAboveTheSources() {
        refuses(
                Map.of("clie_layer", "2,4", "sparse_attention_layer", "4"),
                "'sparse_attention_layer'",
                "[2, 4]",
                "got 4");
        refuses(Map.of("clie_layer", "5", "token_pruning_layer", "3"), "'token_pruning_layer'", "[5]", "got 3");
        assertThat(read(Map.of("clie_layer", "2,4", "sparse_attention_layer", "5"))
                        .sparseAttentionLayer())
                .isEqualTo(OptionalInt.of(5));
    }

    @Test
    void aModelsOwnSourcesAreAQuarterAndAHalfOfItsDepth() {
        assertThat(KvSettings.DEFAULT.resolved(8).clieLayers()).containsExactly(2, 4);
        assertThat(KvSettings.DEFAULT.resolved(28).clieLayers()).containsExactly(7, 14);
        assertThat(KvSettings.DEFAULT.resolved(1).clieLayers()).containsExactly(0);
        assertThat(read(Map.of("sparse_attention_layer", "4")).resolved(8).clieLayers())
                .containsExactly(2);
        assertThat(read(Map.of("token_pruning_layer", "1")).resolved(8).clieLayers())
                .containsExactly(0);
    }

    @Test
    void aModelRefusesLayersThatItDoesNotHave() {
        for (String name : List.of("clie_layer", "sparse_attention_layer", "token_pruning_layer")) {
            KvSettings settings = read(Map.of(name, "8"));
            assertThat(settings.resolved(9)).isNotNull();
            assertThatThrownBy(() -> settings.resolved(8))
                    .isInstanceOf(ServingException.class)
                    .hasMessageContainingAll("'" + name + "'", "below 8", "got 8");
        }
        for (String name : List.of("sparse_attention_layer", "token_pruning_layer")) {
            KvSettings settings = read(Map.of(name, "0"));
            assertThatThrownBy(() -> settings.resolved(8))
                    .isInstanceOf(ServingException.class)
                    .hasMessageContainingAll("'" + name + "'", "above every clie_layer");
        }
    }

    /** Values of each setting: the first ones good alone, then one that is not. */
    private static final Map<String, List<String>> VALUES = Map.ofEntries(
            Map.entry("kv_policy", List.of("purekv", "full", "oracle", "best")),
            Map.entry("compression_ratio", List.of("1", "5", "0.5")),
            Map.entry("clie_layer", List.of("2", "2,5", "-1")),
            Map.entry("sparse_attention_layer", List.of("off", "4", "on")),
            Map.entry("spatial", List.of("true", "false", "no")),
            Map.entry("temporal", List.of("true", "false", "no")),
            Map.entry("temporal_window", List.of("all", "2", "0")),
            Map.entry("token_pruning_layer", List.of("off", "4", "-1")),
            Map.entry("sink_tokens", List.of("0", "4", "-1")),
            Map.entry("recent_tokens", List.of("1", "32", "0")),
            Map.entry("observation_tokens", List.of("1", "32", "0")),
            Map.entry("head_scores", List.of("mean", "per_head", "max")),
            Map.entry("layer_budgets", List.of("uniform", "pyramid", "inverted", "flat")));

    /** What two settings together make impossible; each pair besides these is judged by its values alone. */
    private static boolean clash(Map<String, String> pair) {
        String sources = pair.getOrDefault("clie_layer", "");
        boolean above = List.of("sparse_attention_layer", "token_pruning_layer").stream()
                .anyMatch(name -> "4".equals(pair.get(name)) && sources.equals("2,5"));
        boolean pruned = "4".equals(pair.get("token_pruning_layer"))
                && !pair.getOrDefault("kv_policy", "purekv").equals("purekv");
        return above || pruned;
    }

    @Test
    void everyPairOfSettingsIsTakenOrRefusedByName() {
        assertThat(VALUES.keySet()).isEqualTo(KvSettings.NAMES);
        int refused = 0;
        int taken = 0;
        for (String first : VALUES.keySet()) {
            for (String second : VALUES.keySet()) {
                for (String a : VALUES.get(first)) {
                    for (String b : VALUES.get(second)) {
                        Map<String, String> pair = new HashMap<>(Map.of(first, a));
                        pair.put(second, b);
                        boolean good = pair.entrySet().stream()
                                .noneMatch(each -> VALUES.get(each.getKey()).indexOf(each.getValue())
                                        == VALUES.get(each.getKey()).size() - 1);
                        if (good && !clash(pair)) {
                            assertThat(read(pair).resolved(8)).as("%s", pair).isNotNull();
                            taken++;
                        } else {
                            assertThatThrownBy(() -> read(pair).resolved(8))
                                    .as("%s", pair)
                                    .isInstanceOf(ServingException.class)
                                    .satisfiesAnyOf(
                                            e -> assertThat(e).hasMessageContaining("'" + first + "'"),
                                            e -> assertThat(e).hasMessageContaining("'" + second + "'"));
                            refused++;
                        }
                    }
                }
            }
        }
        assertThat(taken).isGreaterThan(300);
        assertThat(refused).isGreaterThan(300);
    }

    @Test
    void sparseAttentionKeepsAtLeastOneOfItsHalves() {
        refuses(
                Map.of("sparse_attention_layer", "5", "spatial", "false", "temporal", "false"),
                "'spatial' and 'temporal'",
                "'sparse_attention_layer' is 5");
        assertThat(read(Map.of("spatial", "false", "temporal", "false")).spatial())
                .isFalse();
    }
}
