package dev.purekv.model.videollama2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.purekv.ServingException;
import dev.purekv.model.Grid;
import dev.purekv.model.VisualInput;
import dev.purekv.model.decoder.DecoderConfig;
import dev.purekv.model.videollama2.input.OriginalCases;
import dev.purekv.model.videollama2.input.TowerPictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class VideoLlama2ConfigTest {
    @TempDir
    private Path checkpoint;

    private ObjectNode config;

    @BeforeEach
    void readConfig() {
        use("mistral");
    }

    private void use(String of) {
        config = (ObjectNode) JsonMapper.shared()
                .readTree(OriginalCases.directory()
                        .resolve(of)
                        .resolve("config.json")
                        .toFile());
        config.put("mm_vision_tower", "openai/clip-vit-large-patch14-336").put("mm_hidden_size", 1024);
    }

    private VideoLlama2Config read() {
        try {
            Files.writeString(checkpoint.resolve("config.json"), config.toString());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return VideoLlama2Config.read(checkpoint);
    }

    @Test
    void readsBothGenerations() {
        assertThat(VideoLlama2Config.read(OriginalCases.directory().resolve("mistral"))
                        .text())
                .isEqualTo(new DecoderConfig(384, 64, 88, 4, 4, 2, 1e-5, 1e6, 4096, false, false));
        VideoLlama2Config second =
                VideoLlama2Config.read(OriginalCases.directory().resolve("qwen2"));
        assertThat(second.text()).isEqualTo(new DecoderConfig(384, 64, 88, 4, 4, 2, 1e-6, 1e6, 4096, true, false));
        assertThat(second.tower())
                .isEqualTo(new TowerConfig(false, 36, 44, 3, 3, 76, 14, 1e-6, TowerConfig.Activation.GELU_TANH));
        assertThat(second.towerLayers()).isEqualTo(2);
        assertThat(second.frames()).isEqualTo(16);
    }

    /** Slices, and rows of each, that the released checkpoints make; the last one is no release. */
    @ParameterizedTest
    @CsvSource({
        "openai/clip-vit-large-patch14-336, 1024, stc_connector, 8, 5, 13",
        "openai/clip-vit-large-patch14-336, 1024, stc_connector, 16, 9, 13",
        "google/siglip-so400m-patch14-384, 1152, stc_connector_v35, 16, 8, 13",
        "/mnt/somewhere/siglip-so400m-patch14-384/, 1152, stc_connector, 8, 5, 14"
    })
    void knowsTheReleasedTowersByTheirNames(
            String tower, int width, String connector, int frames, int slices, int side) {
        config.put("mm_vision_tower", tower).put("mm_hidden_size", width).put("mm_projector_type", connector);
        config.put("num_frames", frames);
        VideoLlama2Config read = read();
        int patches = read.tower().side();
        VisualInput clip = new VisualInput(VisualInput.Kind.VIDEO, List.of(), new Grid(frames, patches, patches), 2);
        assertThat(read.span(clip, 7).slices()).isEqualTo(slices);
        assertThat(read.span(clip, 7).rows()).isEqualTo(side);
        assertThat(read.span(clip, 7).tokens()).isEqualTo(slices * side * side);
        assertThat(read.towerLayers()).isEqualTo(read.tower().layers() - 1);
        assertThat(TowerPictures.read(checkpoint).side()).isEqualTo(read.tower().image());
    }

    @Test
    void lacksOfTheFirstReleasesHaveTheReferencesDefaults() {
        config.remove("num_frames");
        config.remove("mm_vision_select_layer");
        config.put("model_type", "videollama2");
        config.remove("architectures");
        assertThat(read().frames()).isEqualTo(8);
        assertThat(read().towerLayers()).isEqualTo(23);
        assertThat(read().text().biased()).isFalse();
    }

    @Test
    void aWindowOfMistralLimitsTheSequence() {
        config.put("sliding_window", 1000);
        assertThat(read().text().maxTokens()).isEqualTo(1000);
        config.remove("sliding_window");
        assertThat(read().text().maxTokens()).isEqualTo(4096);
        config.put("max_position_embeddings", 32768);
        assertThat(read().text().maxTokens()).as("transformers' default").isEqualTo(4096);
        config.putNull("sliding_window");
        assertThat(read().text().maxTokens()).isEqualTo(32768);
    }

    @Test
    void refusesVariantsThatAreNotImplemented() {
        unsupported("mm_projector_type", "\"mlp2x_gelu\"", "stc_connector or stc_connector_v35");
        unsupported("mm_vision_tower", "\"some/other-clip\"", "expected one of [clip-vit-large-patch14-336");
        unsupported("mm_vision_tower", "\"eva\"", "\"clip\" or \"siglip\"");
        unsupported("mm_vision_select_feature", "\"cls_patch\"", "mm_vision_select_feature: only patch");
        unsupported("hidden_act", "\"gelu\"", "hidden_act: only silu");
        unsupported("rope_scaling", "{\"type\":\"yarn\"}", "rope_scaling: only null");
        use("qwen2");
        unsupported("use_sliding_window", "true", "use_sliding_window: only false");
    }

    @Test
    void refusesSizesThatDoNotFitTogether() {
        invalid("mm_hidden_size", "1152", "mm_hidden_size (1152) must be the width of the vision tower (1024)");
        invalid("mm_vision_select_layer", "25", "one of the tower's 24 layers, got layer 25");
        invalid("head_dim", "128", "head_dim (128) times num_attention_heads (4) must be hidden_size (64)");
        invalid("num_frames", "0", "num_frames: expected a positive whole number, got 0");
        use("qwen2");
        invalid("num_frames", "1", "num_frames (1)");
    }

    private void unsupported(String key, String value, String problem) {
        refuses(key, value, problem, ServingException.Code.UNSUPPORTED);
    }

    private void invalid(String key, String value, String problem) {
        refuses(key, value, problem, ServingException.Code.INVALID_REQUEST);
    }

    private void refuses(String key, String value, String problem, ServingException.Code code) {
        ObjectNode sound = config.deepCopy();
        config.set(key, JsonMapper.shared().readTree(value));
        assertThatThrownBy(this::read)
                .hasMessageContaining(problem)
                .asInstanceOf(type(ServingException.class))
                .returns(code, ServingException::code);
        config = sound;
    }
}
