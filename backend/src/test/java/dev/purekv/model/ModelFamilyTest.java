package dev.purekv.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.purekv.NoNativeLeak;
import dev.purekv.ServingException;
import dev.purekv.ServingException.Code;
import dev.purekv.settings.ModelSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoNativeLeak.class)
class ModelFamilyTest {
    @TempDir
    private Path directory;

    @Test
    void opensTheDemonstrationCheckpoint() {
        Path checkpoint = Path.of("..", "model-repository", "moving-digits", "1");
        try (LoadedModel loaded = ModelFamily.open(checkpoint, ModelSettings.read(Map.of()))) {
            assertThat(loaded.model().vocabulary()).isEqualTo(384);
            assertThat(loaded.model().maxTokens()).isEqualTo(32768);
            assertThat(loaded.defaults().endTokens()).containsExactlyInAnyOrder(360, 362);
        }
    }

    @Test
    void anOperatorsLimitShortensTheCheckpointsAndNeverLengthensIt() {
        Path checkpoint = Path.of("..", "model-repository", "moving-digits", "1");
        for (int limit : new int[] {100, 1_000_000}) {
            ModelSettings settings = ModelSettings.read(Map.of("max_sequence_tokens", Integer.toString(limit)));
            try (LoadedModel loaded = ModelFamily.open(checkpoint, settings)) {
                assertThat(loaded.model().maxTokens()).isEqualTo(Math.min(limit, 32768));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"architectures\":[\"Qwen2_5_VLForConditionalGeneration\"]}",
                "{\"model_type\":\"qwen2_5_vl\",\"text_config\":{}}"
            })
    void knowsAFamilyByArchitectureOrType(String config) throws IOException {
        write(config);
        assertThat(ModelFamily.of(directory)).isEqualTo(ModelFamily.QWEN25_VL);
    }

    @Test
    void saysWhatIsSupportedInstead() throws IOException {
        write("{\"architectures\":[\"LlamaForCausalLM\"],\"model_type\":\"qwen2_5_vl\"}");
        refuses(Code.UNSUPPORTED, "names [LlamaForCausalLM]; supported architectures: [Qwen2_5_VL");
        write("{}");
        refuses(Code.UNSUPPORTED, "names no architecture");
    }

    @Test
    void refusesAMissingOrBrokenConfig() throws IOException {
        refuses(Code.NOT_FOUND, "there is no " + directory.resolve("config.json"));
        write("{\"architectures\":");
        refuses(Code.INVALID_REQUEST, "not sound JSON");
    }

    private void write(String config) throws IOException {
        Files.writeString(directory.resolve("config.json"), config);
    }

    private void refuses(Code code, String problem) {
        assertThatThrownBy(() -> ModelFamily.of(directory))
                .hasMessageContaining(problem)
                .asInstanceOf(type(ServingException.class))
                .returns(code, ServingException::code);
    }
}
