package dev.purekv.triton;

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

class VersionChoiceTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void makeVersions() throws IOException {
        for (String name : List.of("1", "9", "10", "007", "checkpoint", "1a")) {
            Files.createDirectory(folder.resolve(name));
        }
        Files.writeString(folder.resolve("11"), "a file");
    }

    private List<Long> versions(String config) {
        return ModelConfig.parseText(config).versions(folder);
    }

    @Test
    void theLatestVersionIsTheDefault() {
        assertThat(versions("")).containsExactly(10L);
        assertThat(versions("version_policy { latest { } }")).containsExactly(10L);
    }

    @Test
    void aPolicyChooses() {
        assertThat(versions("version_policy { latest { num_versions: 2 } }")).containsExactly(10L, 9L);
        assertThat(versions("version_policy { all { } }")).containsExactly(10L, 9L, 1L);
        assertThat(versions("version_policy { specific { versions: [ 1, 2 ] } }"))
                .containsExactly(1L);
    }

    @Test
    void noVersionIsRefused() {
        assertThatThrownBy(() -> versions("version_policy { specific { versions: [ 2 ] } }"))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining("[2]");
        assertThatThrownBy(() -> ModelConfig.parseText("").versions(folder.resolve("absent")))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining("absent");
    }
}
