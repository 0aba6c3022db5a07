package dev.purekv.console.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationCommandTest {
    @TempDir
    Path folder;

    @Test
    void onlyAJarWithItsLibrariesInsideNeedsSpringBootsLauncher() throws IOException {
        String packed = jar("packed.jar", "BOOT-INF/");
        String apart = jar("apart.jar", "META-INF/");

        assertThat(EvaluationCommand.mainClass(packed))
                .containsSequence("-cp", packed)
                .last()
                .isEqualTo("org.springframework.boot.loader.launch.PropertiesLauncher");
        assertThat(EvaluationCommand.mainClass(apart)).containsExactly("-cp", apart, "dev.purekv.evaluation.Evaluate");
        assertThat(EvaluationCommand.mainClass(packed + ":" + apart))
                .containsExactly("-cp", packed + ":" + apart, "dev.purekv.evaluation.Evaluate");
    }

    private String jar(String name, String entry) throws IOException {
        Path file = folder.resolve(name);
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(file))) {
            out.putNextEntry(new JarEntry(entry));
            out.closeEntry();
        }
        return file.toString();
    }
}
