package dev.purekv.console.evaluation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The sets of questions that evaluations can ask: those that came with a model, and those that somebody uploaded. */
public final class QuestionSets {
    private static final String FILE = "questions.jsonl";
    private static final String HALF = ".upload";
    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

    private final Path repository;
    private final Path uploads;

    /**
     * @param repository of models; a model's own set lies in its folder {@code evaluation/}
     * @param uploads one folder a set; made if it is not there
     */
    public QuestionSets(Path repository, Path uploads) {
        this.repository = repository;
        this.uploads = uploads;
        try {
            Files.createDirectories(uploads);
            removeHalves();
        } catch (IOException e) {
            throw new UncheckedIOException("making " + uploads, e);
        }
    }

    /** A server that was killed in the middle of an upload leaves a folder of up to a gigabyte that nobody sees. */
    private void removeHalves() throws IOException {
        try (Stream<Path> found = Files.list(uploads)) {
            found.filter(each -> each.getFileName().toString().startsWith(HALF)).forEach(Folders::remove);
        }
    }

    /** Names, those of models first: {@code model:NAME} and {@code upload:NAME}. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        folders(repository).stream()
                .filter(model -> Files.isRegularFile(repository.resolve(model).resolve("evaluation/" + FILE)))
                .forEach(model -> names.add("model:" + model));
        folders(uploads).forEach(name -> names.add("upload:" + name));
        return names;
    }

    /**
     * @return the file of questions
     * @throws EvaluationException when there is no such set
     */
    public Path file(String set) {
        String[] parts = set.split(":", 2);
        if (parts.length == 2 && parts[1].matches(NAME)) {
            Path file = parts[0].equals("model")
                    ? repository.resolve(parts[1]).resolve("evaluation").resolve(FILE)
                    : uploads.resolve(parts[1]).resolve(FILE);
            if (List.of("model", "upload").contains(parts[0]) && Files.isRegularFile(file)) {
                return file;
            }
        }
        throw new EvaluationException("There is no set of questions of this name: choose one from the list.");
    }

    /**
     * Takes a zip with {@code questions.jsonl} and its clips.
     *
     * @return the name of the set in {@link #names}
     * @throws EvaluationException when the name is taken or bad, or the zip is not what it should be; nothing of it is kept then
     */
    public String upload(String name, InputStream zip) {
        if (!name.matches(NAME)) {
            throw new EvaluationException(
                    "The name of a set has up to 64 letters, digits, dots, dashes and underscores, and begins with a letter or digit.");
        }
        Path target = uploads.resolve(name);
        if (Files.exists(target)) {
            throw new EvaluationException(
                    "There is a set of this name already: choose another name, or remove that one first.");
        }
        try {
            Path fresh = Files.createTempDirectory(uploads, HALF);
            try {
                QuestionZip.unpack(zip, fresh);
                Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (RuntimeException | IOException e) {
                Folders.remove(fresh);
                throw e;
            }
            return "upload:" + name;
        } catch (IOException e) {
            throw new UncheckedIOException("storing the set of questions " + name, e);
        }
    }

    /** Removes an uploaded set. */
    public void remove(String set) {
        if (!set.startsWith("upload:")) {
            throw new EvaluationException("Only uploaded sets can be removed.");
        }
        Folders.remove(file(set).getParent());
    }

    private static List<String> folders(Path parent) {
        try (Stream<Path> found = Files.list(parent)) {
            return found.filter(Files::isDirectory)
                    .map(each -> each.getFileName().toString())
                    .filter(each -> each.matches(NAME))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("listing " + parent, e);
        }
    }
}
