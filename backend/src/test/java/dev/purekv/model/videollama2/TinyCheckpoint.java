package dev.purekv.model.videollama2;

import dev.purekv.model.LoadedModel;
import dev.purekv.model.SharedCheckpoint;
import dev.purekv.model.videollama2.input.CodeVersion;
import dev.purekv.model.videollama2.input.OriginalCases;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.ComputeDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/** One of the golden checkpoints under another number of frames, in a folder that closing removes. */
record TinyCheckpoint(Path directory, SharedCheckpoint shared, CodeVersion code) implements AutoCloseable {
    /** @param of "mistral", "qwen2", or "mistral-before" for the code before version 1.5 */
    static TinyCheckpoint open(String of, int frames) {
        CodeVersion code = of.endsWith("-before") ? CodeVersion.V1_0 : CodeVersion.V1_5;
        Path directory = copy(OriginalCases.directory().resolve(of.replace("-before", "")), frames);
        return new TinyCheckpoint(directory, VideoLlama2Checkpoint.open(directory, ComputeDevice.CPU), code);
    }

    static Path copy(Path from, int frames) {
        try (Stream<Path> files = Files.walk(from)) {
            Path directory = Files.createTempDirectory("videollama2");
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = directory.resolve(from.relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
            Path config = directory.resolve("config.json");
            Files.writeString(
                    config, Files.readString(config).replaceAll("\"num_frames\": \\d+", "\"num_frames\": " + frames));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    LoadedModel under(boolean padding) {
        return shared.under(ModelSettings.read(
                Map.of("videollama2.code", code.word(), "videollama2.padding", Boolean.toString(padding))));
    }

    @Override
    public void close() {
        shared.close();
        delete(directory);
    }

    static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
