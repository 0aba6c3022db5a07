package dev.purekv.console.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.ServingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFilesTest {
    @TempDir
    Path folder;

    private ConfigFiles files;
    private Path file;

    @BeforeEach
    void makeModel() throws IOException {
        Path model = Files.createDirectories(folder.resolve("repository/digits"));
        file = Files.writeString(model.resolve("config.pbtxt"), "backend: \"purekv\"\n");
        Files.writeString(folder.resolve("config.pbtxt"), "secret");
        files = new ConfigFiles(folder.resolve("repository"));
    }

    @Test
    void staysWithinTheRepository() {
        for (String name :
                new String[] {"..", "../repository", ".", "", "/etc", "digits/..", "digits/1", "a\0b", "none"}) {
            assertThatThrownBy(() -> files.read(name))
                    .as(name)
                    .isInstanceOf(ServingException.class)
                    .hasMessageContaining("has no folder of a model");
        }
    }

    @Test
    void replacesAFileWholeAndKeepsItsRights() throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

        boolean replaced = files.replace("digits", files.read("digits").hash(), new ConfigText("backend: \"other\"\n"));

        assertThat(replaced).isTrue();
        assertThat(file).hasContent("backend: \"other\"\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-r-----");
        try (Stream<Path> left = Files.list(file.getParent())) {
            assertThat(left).containsExactly(file);
        }
    }

    /** Triton reads a model anew only where a file is newer than all of them were. */
    @Test
    void writesAFileThatIsNewerThanAllAlthoughTheClockWentBack() throws IOException {
        Path weights = Files.writeString(
                Files.createDirectory(file.resolveSibling("1")).resolve("weights"), "w");
        FileTime tomorrow = FileTime.from(Instant.now().plus(Duration.ofDays(1)));
        Files.setLastModifiedTime(weights, tomorrow);

        files.replace("digits", files.read("digits").hash(), new ConfigText("backend: \"other\"\n"));

        assertThat(Files.getLastModifiedTime(file)).isGreaterThan(tomorrow);
    }

    @Test
    void leavesAFileThatChangedMeanwhile() throws IOException {
        String seen = files.read("digits").hash();
        Files.writeString(file, "# by hand\n");

        assertThat(files.replace("digits", seen, new ConfigText("mine"))).isFalse();
        assertThat(file).hasContent("# by hand\n");
    }

    @Test
    void takesAMissingFileForAnEmptyOne() throws IOException {
        Files.delete(file);

        ConfigText none = files.read("digits");

        assertThat(none.text()).isEmpty();
        assertThat(files.replace("digits", none.hash(), new ConfigText("backend: \"purekv\"\n")))
                .isTrue();
        assertThat(file).hasContent("backend: \"purekv\"\n");
    }

    @Test
    void aStartRemovesWhatAKillLeftOfAWrite() throws IOException {
        Path left = Files.writeString(file.resolveSibling(".config123.pbtxt"), "half a fi");
        Path other = Files.writeString(file.resolveSibling(".config.pbtxt"), "somebody's");

        new ConfigFiles(folder.resolve("repository"));

        assertThat(left).doesNotExist();
        assertThat(other).exists();
        assertThat(file).exists();
    }
}
