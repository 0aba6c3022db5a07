package dev.purekv.evaluation;

import dev.purekv.ServingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One question about one clip.
 *
 * @param kind groups questions in the results
 * @param answer the whole text that counts as right
 */
record Question(Path clip, String kind, String question, String answer) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** What tells it from every other question of a set. */
    String key() {
        return clip.getFileName() + "|" + question;
    }

    /**
     * @param file a line of JSON a question, with {@code clip} (relative to the file), {@code kind}, {@code question} and {@code answer}
     * @throws ServingException INVALID_REQUEST naming the line
     */
    static List<Question> readAll(Path file) {
        try {
            List<Question> questions = new ArrayList<>();
            for (String line : Files.readAllLines(file)) {
                if (!line.isBlank()) {
                    questions.add(read(line, file, questions.size() + 1));
                }
            }
            return questions;
        } catch (IOException e) {
            throw new UncheckedIOException("reading the questions of " + file, e);
        }
    }

    private static Question read(String line, Path file, int number) {
        try {
            JsonNode node = JSON.readTree(line);
            for (String key : List.of("clip", "kind", "question", "answer")) {
                if (!node.path(key).isString()) {
                    throw ServingException.invalid(
                            "%s, question %d: expected a text '%s', got %s", file, number, key, node.path(key));
                }
            }
            return new Question(
                    file.resolveSibling(node.path("clip").asString()),
                    node.path("kind").asString(),
                    node.path("question").asString(),
                    node.path("answer").asString());
        } catch (JacksonException e) {
            throw ServingException.invalid(
                    "%s, question %d: expected a line of JSON: %s", file, number, e.getOriginalMessage());
        }
    }
}
