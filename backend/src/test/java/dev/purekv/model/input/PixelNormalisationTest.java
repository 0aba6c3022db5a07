package dev.purekv.model.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.ServingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PixelNormalisationTest {
    private Path file;

    @BeforeEach
    void nameFile(@TempDir Path directory) {
        file = directory.resolve("preprocessor_config.json");
    }

    @Test
    void readsWhatTheFileSaysAndKeepsTheRest() throws IOException {
        Files.writeString(file, "{\"image_mean\":[0.5,0.25,0],\"rescale_factor\":0.5}");
        PixelNormalisation read = PixelNormalisation.read(file, PixelNormalisation.CLIP);
        assertThat(read).isEqualTo(new PixelNormalisation(0.5, List.of(0.5, 0.25, 0.0), PixelNormalisation.CLIP.std()));
    }

    @Test
    void takesTheGivenValuesWhenThereIsNoFile() {
        assertThat(PixelNormalisation.read(file, PixelNormalisation.CLIP)).isSameAs(PixelNormalisation.CLIP);
    }

    @Test
    void scalesThenShiftsThenDivides() {
        float[] table = new PixelNormalisation(0.5, List.of(1.0, 2.0, 3.0), List.of(4.0, 5.0, 8.0)).table();
        assertThat(table[10]).isEqualTo(1);
        assertThat(table[256 + 14]).isEqualTo(1);
        assertThat(table[512 + 255]).isEqualTo(15.5625f);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "{\"image_mean\":[1,2]}", "{\"image_std\":[1,0,1]}", "{\"image_std\":[1,\"x\",1]}"})
    void refusesABrokenFile(String json) throws IOException {
        Files.writeString(file, json);
        assertThatThrownBy(() -> PixelNormalisation.read(file, PixelNormalisation.CLIP))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining(file.toString());
    }
}
