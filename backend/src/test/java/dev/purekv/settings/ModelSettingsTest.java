package dev.purekv.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.ServingException;
import dev.purekv.ServingException.Code;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class ModelSettingsTest {
    @Test
    void aRequestWinsOverTheModel() {
        ModelSettings model = ModelSettings.read(Map.of("compression_ratio", "5", "kv_policy", "h2o"));
        KvSettings kv = model.kvFor(Map.of("compression_ratio", 2.0), 8);
        assertThat(kv.compressionRatio()).isEqualTo(2);
        assertThat(kv.policy()).isEqualTo(KvPolicy.H2O);
        assertThat(kv.clieLayers()).containsExactly(2, 4);
    }

    @Test
    void aModelMayTakeNothingFromRequests() {
        ModelSettings model = ModelSettings.read(Map.of("compression_ratio", "5", "allow_request_overrides", "false"));
        assertThat(model.kvFor(Map.of(), 8).compressionRatio()).isEqualTo(5);
        assertThatThrownBy(() -> model.kvFor(Map.of("compression_ratio", 5.0), 8))
                .hasMessageContainingAll("[compression_ratio]", "'allow_request_overrides' to true")
                .asInstanceOf(InstanceOfAssertFactories.type(ServingException.class))
                .returns(Code.UNSUPPORTED, ServingException::code);
    }

    @Test
    void aProblemOfTheConfigurationNamesItsFile() {
        assertThatThrownBy(() -> ModelSettings.read(Map.of("compression_ratio", "0.2")))
                .isInstanceOf(ServingException.class)
                .hasMessageStartingWith("config.pbtxt: parameter 'compression_ratio' must be at least 1, got 0.2");
        assertThatThrownBy(() -> ModelSettings.read(Map.of("allow_request_overrides", "maybe")))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining("true or false, got 'maybe'");
        assertThatThrownBy(() -> ModelSettings.read(Map.of("kv_polcy", "full")))
                .isInstanceOf(ServingException.class)
                .hasMessageContainingAll("'kv_polcy'", "kv_policy", "checkpoint");
    }
}
