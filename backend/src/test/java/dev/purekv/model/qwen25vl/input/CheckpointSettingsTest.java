package dev.purekv.model.qwen25vl.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.ServingException;
import dev.purekv.media.FrameSampling;
import dev.purekv.media.PixelBounds;
import dev.purekv.model.GenerationDefaults;
import dev.purekv.model.input.GenerationConfigReader;
import dev.purekv.text.TextGolden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointSettingsTest {
    private static final String CONFIG = "{\"image_token_id\": 5, \"video_token_id\": 6}";

    @TempDir
    private Path folder;

    @Test
    void takesTheCheckpointsOwnBounds() {
        InputSettings settings = InputSettings.read(TextGolden.folder("demonstration"));
        assertThat(settings.image()).isEqualTo(new PixelBounds(784, 100352));
        assertThat(settings.video()).isEqualTo(new PixelBounds(784, 602112));
        assertThat(settings.maxTokens()).isEqualTo(32768);
    }

    @Test
    void takesTheReferencesConstantsWhereTheCheckpointBoundsNoVideo() throws IOException {
        write("config.json", CONFIG);
        write("preprocessor_config.json", "{\"min_pixels\": 3136, \"max_pixels\": 12845056}");
        InputSettings settings = InputSettings.read(folder);
        assertThat(settings.video()).isEqualTo(new PixelBounds(100352, 602112));
        assertThat(settings.sampling()).isEqualTo(FrameSampling.DEFAULT);
        assertThat(settings.cell()).isEqualTo(28);
    }

    @Test
    void takesVideoBoundsFromThePreprocessorThatSpeaksOfFrames() throws IOException {
        write("config.json", CONFIG);
        write(
                "preprocessor_config.json",
                "{\"size\": {\"shortest_edge\": 800, \"longest_edge\": 9000}, \"fps\": 1, \"max_frames\": 10}");
        InputSettings settings = InputSettings.read(folder);
        assertThat(settings.video()).isEqualTo(new PixelBounds(800, 9000));
        assertThat(settings.sampling()).isEqualTo(new FrameSampling(1, 4, 10));
    }

    @Test
    void namesAMissingPlaceholderId() throws IOException {
        write("config.json", "{\"image_token_id\": 5}");
        assertThatThrownBy(() -> InputSettings.read(folder))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining("video_token_id");
    }

    @Test
    void readsGreedyDefaults() {
        assertThat(GenerationConfigReader.read(TextGolden.folder("demonstration")))
                .isEqualTo(new GenerationDefaults(Set.of(362, 360), 64, 0, 1, 0, 1));
    }

    @Test
    void readsSamplingDefaults() throws IOException {
        write(
                "generation_config.json",
                "{\"do_sample\": true, \"temperature\": 0.1, \"top_p\": 0.9, \"repetition_penalty\": 1.05, \"eos_token_id\": 7}");
        assertThat(GenerationConfigReader.read(folder))
                .isEqualTo(new GenerationDefaults(Set.of(7), 512, 0.1, 0.9, 50, 1.05));
    }

    @Test
    void takesEndTokensFromTheConfigWhereThereIsNoGenerationConfig() throws IOException {
        write("config.json", "{\"text_config\": {\"eos_token_id\": 9}}");
        assertThat(GenerationConfigReader.read(folder).endTokens()).containsExactly(9);
        write("config.json", "{}");
        assertThatThrownBy(() -> GenerationConfigReader.read(folder)).hasMessageContaining("eos_token_id");
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }
}
