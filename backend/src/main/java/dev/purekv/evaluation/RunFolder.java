package dev.purekv.evaluation;

import dev.purekv.ServingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Where a run keeps what it found; one folder holds results of one model and one set of questions. */
final class RunFolder {
    private final Path folder;

    private RunFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * @param maxTokens of an answer: other limits give other answers
     * @throws ServingException INVALID_REQUEST when the folder holds results of another model, other questions or another limit
     */
    static RunFolder open(Path folder, Path checkpoint, Path questions, int maxTokens) {
        try {
            Files.createDirectories(folder);
            String found = identity(checkpoint, questions) + " " + maxTokens + "\n";
            Path run = folder.resolve("run.txt");
            if (!Files.exists(run)) {
                Files.writeString(run, found);
            } else if (!Files.readString(run).equals(found)) {
                throw ServingException.invalid(
                        "opening the output folder %s: it holds results of another model, other questions or another --max-tokens; name "
                                + "another folder, or remove it",
                        folder);
            }
            return new RunFolder(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("opening the output folder " + folder, e);
        }
    }

    /** The questions by content; the checkpoint by its configuration and the names and sizes of its files, for weights are large. */
    private static String identity(Path checkpoint, Path questions) throws IOException {
        MessageDigest hash = sha256();
        hash.update(Files.readAllBytes(questions));
        hash.update(Files.readAllBytes(checkpoint.resolve("config.json")));
        try (Stream<Path> files = Files.list(checkpoint)) {
            List<Path> sorted = files.filter(Files::isRegularFile).sorted().toList();
            for (Path file : sorted) {
                hash.update((file.getFileName() + " " + Files.size(file) + "\n").getBytes(StandardCharsets.UTF_8));
            }
        }
        return HexFormat.of().formatHex(hash.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    void write(String name, String content) {
        try {
            Files.writeString(file(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException("writing " + file(name), e);
        }
    }
}
