package dev.purekv.checkpoint;

import dev.purekv.ServingException;
import dev.purekv.tensor.ComputeDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What tells one checkpoint from another without reading it: its real folder and, of every file there that opening may read, the
 * name, size, time of change and place on the disk. A file that was replaced, written to or touched makes another checkpoint.
 *
 * @param directory its real path
 * @param files by their path in it
 */
public record CheckpointIdentity(Path directory, ComputeDevice device, List<FileStamp> files) {
    private static final Set<String> READ = Set.of("json", "jinja", "safetensors", "model", "txt");

    /** A vision tower may lie in a folder of its own, {@code owner/name/config.json}. */
    private static final int DEEPEST = 3;

    /** @param place inode and device, where the file system has them: it tells a copy with the old time from the original */
    record FileStamp(String name, long bytes, FileTime changed, String place) {
        static FileStamp of(Path root, Path file) {
            try {
                BasicFileAttributes facts = Files.readAttributes(file, BasicFileAttributes.class);
                return new FileStamp(
                        root.relativize(file).toString(),
                        facts.size(),
                        facts.lastModifiedTime(),
                        String.valueOf(facts.fileKey()));
            } catch (IOException e) {
                throw ServingException.notFound("opening a checkpoint: %s cannot be looked at: %s", file, e);
            }
        }
    }

    public CheckpointIdentity {
        files = List.copyOf(files);
    }

    /** @throws ServingException NOT_FOUND without such a folder */
    public static CheckpointIdentity of(Path directory, ComputeDevice device) {
        try {
            Path real = directory.toRealPath();
            try (Stream<Path> files = Files.walk(real, DEEPEST)) {
                return new CheckpointIdentity(
                        real,
                        device,
                        files.filter(CheckpointIdentity::isRead)
                                .map(file -> FileStamp.of(real, file))
                                .sorted(Comparator.comparing(FileStamp::name))
                                .toList());
            }
        } catch (IOException | UncheckedIOException e) {
            throw ServingException.notFound("opening a checkpoint: %s is no folder that can be read: %s", directory, e);
        }
    }

    private static boolean isRead(Path file) {
        String name = file.getFileName().toString();
        return READ.contains(name.substring(name.lastIndexOf('.') + 1)) && Files.isRegularFile(file);
    }

    /** Whether the folder still is what it was. */
    public boolean stillHolds() {
        return equals(of(directory, device));
    }
}
