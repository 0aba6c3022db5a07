package dev.purekv.console.playground;

import dev.purekv.ServingException;
import dev.purekv.console.config.ConfigFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** The clips and pictures in a model's folder {@code samples/}. */
@Component
final class Samples {
    private static final String MEDIA = "[A-Za-z0-9][A-Za-z0-9._-]{0,100}\\.(mp4|webm|mov|png|jpg|jpeg|webp|gif)";

    private final ConfigFiles files;

    Samples(ConfigFiles files) {
        this.files = files;
    }

    List<String> names(String model) {
        Path folder = files.folder(model).resolve("samples");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(folder)) {
            return found.filter(Files::isRegularFile)
                    .map(each -> each.getFileName().toString())
                    .filter(each -> each.matches(MEDIA))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("listing " + folder, e);
        }
    }

    /** @throws ServingException NOT_FOUND when the model has no such sample */
    Path file(String model, String name) {
        if (names(model).contains(name)) {
            return files.folder(model).resolve("samples").resolve(name);
        }
        throw ServingException.notFound("the model '%s' has no sample of this name", model);
    }
}
