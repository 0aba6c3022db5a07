package dev.purekv.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnpackedLibrariesTest {
    private static final String ENTRY = "org/bytedeco/javacpp/linux-x86_64/libjnijavacpp.so";

    @TempDir
    Path cache;

    private Path file;
    private byte[] whole;

    @BeforeEach
    void findTheJar() throws IOException {
        String url = getClass().getClassLoader().getResource(ENTRY).toString();
        String jar = url.substring(url.lastIndexOf('/', url.indexOf('!')) + 1, url.indexOf('!'));
        file = cache.resolve(jar).resolve(ENTRY);
        Files.createDirectories(file.getParent());
        try (InputStream bytes = getClass().getClassLoader().getResourceAsStream(ENTRY)) {
            whole = bytes.readAllBytes();
        }
    }

    @Test
    void aLibraryCutShortIsRemoved() throws IOException {
        Files.write(file, Arrays.copyOf(whole, whole.length - 1));
        UnpackedLibraries.discardBroken(cache);
        assertThat(file).doesNotExist();
    }

    @Test
    void aWholeLibraryStays() throws IOException {
        Files.write(file, whole);
        UnpackedLibraries.discardBroken(cache);
        assertThat(file).hasBinaryContent(whole);
    }

    @Test
    void whatOthersUnpackedStays() throws IOException {
        Path other = Files.writeString(cache.resolve("their.txt"), "x");
        Path version = cache.resolve("javacpp-0.1.jar").resolve(ENTRY);
        Files.createDirectories(version.getParent());
        Files.writeString(version, "x");
        UnpackedLibraries.discardBroken(cache);
        assertThat(other).exists();
        assertThat(version).exists();
    }
}
