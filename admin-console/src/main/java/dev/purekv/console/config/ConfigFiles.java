package dev.purekv.console.config;

import dev.purekv.ServingException;
import dev.purekv.console.settings.PureKvSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/** The config.pbtxt of each model in the repository. A file is replaced whole, so that a crash leaves the old one or the new one. */
@Component
public final class ConfigFiles {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigFiles.class);
    private static final String HALF = ".config";
    private static final String ENDING = ".pbtxt";

    private final Path repository;

    @Autowired
    ConfigFiles(PureKvSettings settings) {
        this(settings.modelRepository());
    }

    ConfigFiles(Path repository) {
        this.repository = repository.toAbsolutePath().normalize();
        removeHalves();
    }

    /** What a server leaves in the folders of models when it is killed while it writes. */
    private void removeHalves() {
        try (Stream<Path> found = Files.find(repository, 2, (file, kind) -> isHalf(file) && kind.isRegularFile())) {
            for (Path each : found.toList()) {
                Files.deleteIfExists(each);
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.debug("left behind in {}: {}", repository, e.toString()); // a repository for reading alone, most likely
        }
    }

    private static boolean isHalf(Path file) {
        return file.getFileName().toString().matches("\\.config\\d+\\.pbtxt");
    }

    /**
     * @return the folder of a model
     * @throws ServingException NOT_FOUND for a name that has none directly in the repository
     */
    public Path folder(String model) {
        try {
            Path folder = repository.resolve(model).normalize();
            if (repository.equals(folder.getParent()) && !model.contains("/") && Files.isDirectory(folder)) {
                return folder;
            }
        } catch (InvalidPathException e) {
            // told below
        }
        throw ServingException.notFound("the repository has no folder of a model '%s'", model);
    }

    /** @return whether the repository has a folder of this model */
    public boolean hold(String model) {
        try {
            return Files.isDirectory(folder(model));
        } catch (ServingException none) {
            return false;
        }
    }

    /** @return the file; empty text where there is none, for Triton completes what it can */
    public ConfigText read(String model) {
        Path file = file(model);
        try {
            return new ConfigText(Files.readString(file));
        } catch (NoSuchFileException none) {
            return new ConfigText("");
        } catch (MalformedInputException e) {
            throw ServingException.invalid("config.pbtxt: %s is not UTF-8: save it as UTF-8", file);
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + file, e);
        }
    }

    /**
     * Replaces the file, if it still is what the writer saw.
     *
     * @param seen its {@link ConfigText#hash}
     * @return false, and nothing changes, where it is another by now
     */
    public synchronized boolean replace(String model, String seen, ConfigText wanted) {
        if (!read(model).hash().equals(seen)) {
            return false;
        }
        Path file = file(model);
        try {
            Path fresh = Files.createTempFile(file.getParent(), HALF, ENDING);
            try {
                if (Files.exists(file)) {
                    Files.setPosixFilePermissions(fresh, Files.getPosixFilePermissions(file));
                }
                try (FileChannel out = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                    ByteBuffer bytes = StandardCharsets.UTF_8.encode(wanted.text());
                    while (bytes.hasRemaining()) {
                        out.write(bytes);
                    }
                    out.force(true);
                }
                Files.setLastModifiedTime(fresh, laterThanAll(file.getParent()));
                Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(fresh);
            }
            try (FileChannel folder = FileChannel.open(file.getParent())) {
                folder.force(true); // the new name, too, must outlive a crash
            }
            return true;
        } catch (IOException e) {
            throw ServingException.internal(
                    e, "writing %s: %s; the server needs the right to write into the model's folder", file, e);
        }
    }

    /** Triton reads a model anew where a file is newer than all were: where the clock went back, one written now is not. */
    private static FileTime laterThanAll(Path folder) throws IOException {
        FileTime latest = FileTime.from(Instant.now());
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path each : files.toList()) {
                FileTime time = Files.getLastModifiedTime(each);
                latest = time.compareTo(latest) > 0 ? time : latest;
            }
        }
        return FileTime.from(latest.toInstant().plusMillis(1));
    }

    private Path file(String model) {
        return folder(model).resolve("config.pbtxt");
    }
}
