package dev.purekv.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.ServingException;
import dev.purekv.ServingException.Code;
import dev.purekv.media.MediaLimits;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
    void theCachesCeilingAndTheNumberOfAnswersAtOnceAreRead() {
        ModelSettings silent = ModelSettings.read(Map.of());
        assertThat(silent.kvCacheBytes()).isZero();
        assertThat(silent.maxConcurrentSequences()).isEqualTo(8);
        ModelSettings said = ModelSettings.read(
                Map.of("kv_cache_bytes", "2GB", "max_concurrent_sequences", "3", "prefill_share", ".5"));
        assertThat(said.kvCacheBytes()).isEqualTo(2L << 30);
        assertThat(said.prefillShare()).isEqualTo(0.5);
        assertThat(said.maxConcurrentSequences()).isEqualTo(3);
    }

    @Test
    void limitsThatAreNoneAreRefusedByName() {
        for (String wrong : new String[] {"-1", "much", "2 PB"}) {
            assertThatThrownBy(() -> ModelSettings.read(Map.of("kv_cache_bytes", wrong)))
                    .isInstanceOf(ServingException.class)
                    .hasMessageContainingAll("config.pbtxt: parameter 'kv_cache_bytes'", "2GB", "'" + wrong + "'");
        }
        for (String wrong : new String[] {"0", "-1", "1025", "many", "99999999999"}) {
            assertThatThrownBy(() -> ModelSettings.read(Map.of("max_concurrent_sequences", wrong)))
                    .isInstanceOf(ServingException.class)
                    .hasMessageContainingAll("'max_concurrent_sequences'", "1 to 1024", "'" + wrong + "'");
        }
        for (String wrong : new String[] {"0", "1", "0.05", "0.96", "-0.5", "NaN", "half", "0.5d", "50%"}) {
            assertThatThrownBy(() -> ModelSettings.read(Map.of("prefill_share", wrong)))
                    .isInstanceOf(ServingException.class)
                    .hasMessageContainingAll("'prefill_share'", "0.1 to 0.95", "'" + wrong + "'");
        }
    }

    @Test
    void whatMediaMayCostIsReadAndTheRestStaysTheDefault() {
        assertThat(ModelSettings.read(Map.of()).media()).isEqualTo(MediaLimits.DEFAULT);
        MediaLimits said = ModelSettings.read(Map.of(
                        "max_picture_pixels", "1000",
                        "max_video_pixels", "2000",
                        "max_video_frames", "30",
                        "max_video_seconds", "40",
                        "max_media_bytes", "5MB",
                        "max_decode_seconds", "6"))
                .media();
        assertThat(said)
                .isEqualTo(new MediaLimits(1000, 2000, 30, Duration.ofSeconds(40), 5 << 20, Duration.ofSeconds(6)));
        assertThat(ModelSettings.read(Map.of("max_video_frames", "30")).media().imagePixels())
                .isEqualTo(MediaLimits.DEFAULT.imagePixels());
    }

    @ParameterizedTest
    @CsvSource({
        "max_picture_pixels, 0, 536870912",
        "max_video_pixels, 536870913, 536870912",
        "max_video_frames, -1, 10000000",
        "max_video_seconds, 90000, 86400",
        "max_decode_seconds, 1.5, 3600",
        "max_media_bytes, 2GB, 1GB"
    })
    void aMediaLimitThatIsNoneIsRefusedByName(String name, String wrong, String most) {
        assertThatThrownBy(() -> ModelSettings.read(Map.of(name, wrong)))
                .isInstanceOf(ServingException.class)
                .hasMessageContainingAll("config.pbtxt: parameter '" + name + "'", "1 to " + most, "'" + wrong + "'");
    }

    @Test
    void namesWithADotAreLeftToTheModelsFamily() {
        ModelSettings settings = ModelSettings.read(Map.of("family.word", "x", "compression_ratio", "2"));
        assertThat(settings.family()).containsExactly(Map.entry("family.word", "x"));
        settings.requireFamily(Set.of("family.word", "family.other"));
        assertThatThrownBy(() -> settings.requireFamily(Set.of("family.other")))
                .isInstanceOf(ServingException.class)
                .hasMessageContainingAll("unknown parameter 'family.word'", "knows family.other");
        assertThatThrownBy(() -> settings.requireFamily(Set.of())).hasMessageContaining("none of its own");
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
