package dev.purekv.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.ServingException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StageSettingsTest {
    private static StageSettings read(String... more) {
        Map<String, String> parameters = new HashMap<>(Map.of("stage", "kv_compression"));
        for (int i = 0; i < more.length; i += 2) {
            parameters.put(more[i], more[i + 1]);
        }
        return StageSettings.read(parameters);
    }

    @Test
    void requestsWinOverTheModelForWhatTheyName() {
        StageSettings settings = read("compression_ratio", "5", "sink_tokens", "2");
        KvSettings kv = settings.kvFor(Map.of("compression_ratio", 3L));
        assertThat(kv.compressionRatio()).isEqualTo(3);
        assertThat(kv.sinkTokens()).isEqualTo(2);
        assertThat(settings.kvFor(Map.of())).isEqualTo(settings.kv());
    }

    @Test
    void aModelMayKeepItsSettingsToItself() {
        StageSettings settings = read("allow_request_overrides", "false");
        assertThat(settings.kvFor(Map.of())).isEqualTo(KvSettings.DEFAULT);
        assertThatThrownBy(() -> settings.kvFor(Map.of("sink_tokens", 1)))
                .isInstanceOfSatisfying(
                        ServingException.class, e -> assertThat(e.code()).isEqualTo(ServingException.Code.UNSUPPORTED))
                .hasMessageContaining("[sink_tokens]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "clie_layer",
                "sparse_attention_layer",
                "spatial",
                "temporal",
                "temporal_window",
                "token_pruning_layer"
            })
    void settingsOfAModelsLayersAreRefused(String name) {
        assertThatThrownBy(() -> read(name, "1"))
                .hasMessage("config.pbtxt: parameter '" + name
                        + "' concerns the layers of a model, and a stage has none: remove it");
        assertThatThrownBy(() -> read().kvFor(Map.of(name, 1L)))
                .hasMessageStartingWith("parameter '" + name + "' concerns the layers of a model");
    }

    @Test
    void everySettingIsEitherAStagesOrRefused() {
        assertThat(KvSettings.NAMES).containsAll(StageSettings.NAMES);
        assertThatThrownBy(() -> read("device", "cpu")).hasMessageContaining("unknown parameter 'device'");
        assertThatThrownBy(() -> read().kvFor(Map.of("stage", "x"))).hasMessageContaining("unknown parameter 'stage'");
        assertThatThrownBy(() -> StageSettings.read(Map.of("stage", ""))).hasMessageContaining("got ''");
    }
}
