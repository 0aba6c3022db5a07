package dev.purekv.model.qwen25vl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.purekv.ServingException;
import dev.purekv.ServingException.Code;
import dev.purekv.model.decoder.DecoderConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class Qwen25VlConfigTest {
    private static final Path GOLDEN = Goldens.directory();

    @TempDir
    private Path directory;

    @Test
    void readsTheLayoutOfTheFirstReleases() {
        Qwen25VlConfig config = Qwen25VlConfig.read(GOLDEN.resolve("untied/config.json"));
        assertThat(config.text()).isEqualTo(new DecoderConfig(128, 64, 88, 3, 4, 2, 1e-6, 1e6, 2048, true, false));
        assertThat(config.vision()).isEqualTo(new VisionConfig(3, 32, 2, 44, 3, 14, 2, 2, 56, Set.of(1), 64, 2));
        assertThat(config.imageToken()).isEqualTo(120);
        assertThat(config.videoToken()).isEqualTo(121);
    }

    @Test
    void readsTheNestedLayout() {
        Qwen25VlConfig config = Qwen25VlConfig.read(GOLDEN.resolve("tied/config.json"));
        assertThat(config.text()).isEqualTo(new DecoderConfig(128, 64, 88, 3, 4, 2, 1e-6, 1e6, 2048, true, true));
    }

    @Test
    void readsTheLayoutWithRopeParameters() {
        assertThat(Qwen25VlConfig.read(GOLDEN.resolve("config-nested.json")))
                .isEqualTo(Qwen25VlConfig.read(GOLDEN.resolve("untied/config.json")));
    }

    @Test
    void prefersTheTextConfigOverRepeatedKeys() throws IOException {
        ObjectNode root = nested();
        root.put("hidden_size", 4096).put("tie_word_embeddings", true);
        assertThat(read(root)).isEqualTo(Qwen25VlConfig.read(GOLDEN.resolve("untied/config.json")));
    }

    @Test
    void takesTheDefaultsOfTheReferenceForMissingKeys() throws IOException {
        ObjectNode root = nested();
        vision(root).remove(List.of("tokens_per_second", "in_channels", "patch_size", "window_size"));
        vision(root).putNull("fullatt_block_indexes");
        text(root).remove(List.of("rms_norm_eps", "tie_word_embeddings"));
        root.remove("tie_word_embeddings");
        Qwen25VlConfig config = read(root);
        assertThat(config.vision())
                .isEqualTo(new VisionConfig(3, 32, 2, 44, 3, 14, 2, 2, 112, Set.of(7, 15, 23, 31), 64, 4));
        assertThat(config.text().epsilon()).isEqualTo(1e-5);
        assertThat(config.text().tied()).isFalse();
    }

    /** One key of the text_config, or of the vision_config after a dot, and what is wrong with its value. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "num_key_value_heads; 3; num_attention_heads (4) must be a multiple of num_key_value_heads (3)",
                "num_attention_heads; 5; hidden_size (64) must be a multiple of num_attention_heads (5)",
                "num_attention_heads; 8; mrope_section [2, 3, 3] must be three numbers that sum to half",
                "hidden_size; 0; hidden_size: expected a positive whole number, got 0",
                "hidden_size; \"64\"; hidden_size: expected a positive whole number, got \"64\"",
                "hidden_size; 64.5; hidden_size: expected a positive whole number, got 64.5",
                "hidden_size; null; hidden_size: expected a positive whole number, got nothing",
                "rms_norm_eps; -1; rms_norm_eps: expected a positive number, got -1",
                "tie_word_embeddings; 1; tie_word_embeddings: expected true or false, got 1",
                "rope_parameters; {}; mrope_section: expected a list of whole numbers, got nothing",
                "rope_parameters; {\"mrope_section\":[1,2,\"x\"]}; mrope_section: expected whole numbers",
                ".out_hidden_size; 32; out_hidden_size (32) must equal the decoder's hidden_size (64)",
                ".num_heads; 3; vision hidden_size (32) must be a multiple of num_heads (3)",
                ".num_heads; 16; the vision head width (2) must be a multiple of 4",
                ".window_size; 60; window_size (60) must be a multiple of",
                ".in_channels; 1; in_channels must be 3",
                ".depth; null; vision_config: depth: expected a positive whole number, got nothing"
            })
    void namesAnImpossibleValue(String key, String json, String problem) throws IOException {
        ObjectNode root = nested();
        if (key.startsWith(".")) {
            vision(root).set(key.substring(1), JsonMapper.shared().readTree(json));
        } else {
            text(root).set(key, JsonMapper.shared().readTree(json));
        }
        refuses(Code.INVALID_REQUEST, problem, root);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "hidden_act; \"gelu\"; hidden_act: only silu",
                "use_sliding_window; true; use_sliding_window: only false",
                "layer_types; [\"full_attention\",\"sliding_attention\"]; layer_types: only full_attention",
                "rope_parameters; {\"type\":\"yarn\",\"mrope_section\":[2,3,3]}; rope_parameters.type: only mrope",
                "rope_parameters; {\"rope_type\":\"linear\"}; rope_parameters.rope_type: only mrope"
            })
    void saysWhichVariantIsNotImplemented(String key, String json, String problem) throws IOException {
        ObjectNode root = nested();
        text(root).set(key, JsonMapper.shared().readTree(json));
        refuses(Code.UNSUPPORTED, problem, root);
    }

    @Test
    void refusesATextOnlyCheckpoint() throws IOException {
        ObjectNode root = nested();
        root.remove("vision_config");
        refuses(Code.INVALID_REQUEST, "expected an object vision_config, got nothing", root);
    }

    @Test
    void refusesPlaceholdersOutsideTheVocabulary() throws IOException {
        refuses(
                Code.INVALID_REQUEST,
                "must differ and lie below vocab_size (128)",
                nested().put("image_token_id", 128));
        refuses(
                Code.INVALID_REQUEST,
                "must differ and lie below vocab_size (128)",
                nested().put("image_token_id", 121));
    }

    @Test
    void refusesAMissingOrBrokenFile() throws IOException {
        Path file = directory.resolve("config.json");
        assertThatThrownBy(() -> Qwen25VlConfig.read(file)).hasMessageContaining("there is no such file");
        Files.writeString(file, "{\"a\":");
        assertThatThrownBy(() -> Qwen25VlConfig.read(file)).hasMessageContaining("not sound JSON");
    }

    private void refuses(Code code, String problem, ObjectNode root) {
        assertThatThrownBy(() -> read(root))
                .hasMessageContaining(directory.toString())
                .hasMessageContaining(problem)
                .asInstanceOf(type(ServingException.class))
                .returns(code, ServingException::code);
    }

    private Qwen25VlConfig read(ObjectNode root) throws IOException {
        Path file = directory.resolve("config.json");
        Files.writeString(file, root.toString());
        return Qwen25VlConfig.read(file);
    }

    private static ObjectNode nested() {
        return (ObjectNode) Goldens.json("config-nested.json");
    }

    private static ObjectNode text(ObjectNode root) {
        return (ObjectNode) root.get("text_config");
    }

    private static ObjectNode vision(ObjectNode root) {
        return (ObjectNode) root.get("vision_config");
    }
}
