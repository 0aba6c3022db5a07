package dev.purekv.console.evaluation;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import org.springframework.util.StreamUtils;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Unpacks a zip of questions and clips that somebody sent: every byte of it is hostile. */
final class QuestionZip {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static final String QUESTIONS = "questions.jsonl";
    private static final int MOST_FILES = 5000;
    private static final int MOST_QUESTIONS = 20_000;
    private static final long MOST_BYTES = 1L << 30; // unpacked, all in all
    private static final long MOST_QUESTION_BYTES = 16L << 20;

    /** Flat or one folder deep, plain names: nothing that a file system or a shell reads in another way. */
    private static final String PATH =
            "([A-Za-z0-9][A-Za-z0-9._-]{0,100}/)?[A-Za-z0-9][A-Za-z0-9._-]{0,100}\\.(mp4|mov|webm|mkv|avi|gif)";

    private final Path folder;
    private long left = MOST_BYTES;

    private QuestionZip(Path folder) {
        this.folder = folder;
    }

    /**
     * @param folder empty; what is in it after a failure is the caller's to remove
     * @throws EvaluationException naming the entry or the line that is wrong
     */
    static void unpack(InputStream zip, Path folder) throws IOException {
        QuestionZip target = new QuestionZip(folder);
        target.unpack(zip);
        target.requireSound();
    }

    private void unpack(InputStream zip) throws IOException {
        int files = 0;
        try (ZipInputStream in = new ZipInputStream(zip, StandardCharsets.UTF_8)) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                if (entry.isDirectory()) {
                    continue;
                }
                if (++files > MOST_FILES) {
                    throw new EvaluationException("The zip has more than " + MOST_FILES + " files: send fewer clips.");
                }
                extract(entry.getName(), in);
            }
        } catch (ZipException | IllegalArgumentException e) {
            throw new EvaluationException("The file cannot be read as a zip: " + e.getMessage() + ".", e);
        }
        if (files == 0) {
            throw new EvaluationException("The file is no zip, or an empty one.");
        }
    }

    private void extract(String name, InputStream in) throws IOException {
        if (!name.equals(QUESTIONS) && !name.matches(PATH)) {
            throw new EvaluationException("The zip must hold " + QUESTIONS
                    + " and clips (mp4, mov, webm, mkv, avi, gif) with plain names, at most one folder deep; got '"
                    + shown(name)
                    + "'.");
        }
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        long limit = name.equals(QUESTIONS) ? Math.min(left, MOST_QUESTION_BYTES) : left;
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)) {
            // One more than allowed, for the sizes that a zip announces may be lies.
            long copied = StreamUtils.copyRange(in, out, 0, limit);
            left -= copied;
            if (copied > limit) {
                throw new EvaluationException(
                        "Unpacked, the zip is larger than allowed (" + (MOST_BYTES >> 20) + " MB in all, "
                                + (MOST_QUESTION_BYTES >> 20) + " MB of questions): send fewer or shorter clips.");
            }
        } catch (FileAlreadyExistsException e) {
            throw new EvaluationException("The zip holds '" + shown(name) + "' twice.", e);
        }
    }

    private void requireSound() throws IOException {
        if (!Files.isRegularFile(folder.resolve(QUESTIONS))) {
            throw new EvaluationException("The zip has no " + QUESTIONS + " at its top.");
        }
        Set<String> asked = new HashSet<>();
        int number = 0;
        for (String line : Files.readString(folder.resolve(QUESTIONS)).lines().toList()) {
            if (line.isBlank()) {
                continue;
            }
            if (++number > MOST_QUESTIONS) {
                throw new EvaluationException("There are more than " + MOST_QUESTIONS + " questions: send fewer.");
            }
            requireSound(line, number, asked);
        }
        if (number == 0) {
            throw new EvaluationException(QUESTIONS + " has no question in it.");
        }
    }

    private void requireSound(String line, int number, Set<String> asked) throws IOException {
        JsonNode question;
        try {
            question = JSON.readTree(line);
        } catch (JacksonException e) {
            throw new EvaluationException("Question " + number + " is no line of JSON.", e);
        }
        for (String key : new String[] {"clip", "kind", "question", "answer"}) {
            if (!question.path(key).isString()) {
                throw new EvaluationException("Question " + number + " has no text '" + key + "'.");
            }
        }
        String clip = question.path("clip").asString();
        if (!clip.matches(PATH) || !Files.isRegularFile(folder.resolve(clip))) {
            throw new EvaluationException("Question " + number + ": the zip has no clip '" + shown(clip) + "'.");
        }
        if (!ClipKind.isClip(folder.resolve(clip))) {
            throw new EvaluationException("Question " + number + ": '" + shown(clip)
                    + "' is no video: expected mp4, mov, webm, mkv, avi or gif by its content.");
        }
        if (!asked.add(clip + "|" + question.path("question").asString())) {
            throw new EvaluationException("Question " + number + " is there twice: ask it once about a clip.");
        }
    }

    private static String shown(String name) {
        String plain = name.replaceAll("[^\\x20-\\x7e]", "?");
        return plain.length() > 80 ? plain.substring(0, 80) + "..." : plain;
    }
}
