package dev.purekv.evaluation;

import dev.purekv.ServingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The questions of one file, and the clips that lie beside it. */
record QuestionSet(Path file, List<Question> questions) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    QuestionSet {
        questions = List.copyOf(questions);
    }

    /**
     * @param file a line of JSON a question, with {@code clip} (relative to the file), {@code kind}, {@code question} and
     *     {@code answer}; the next line about the same clip is asked after it
     * @throws ServingException NOT_FOUND without the file or a clip, INVALID_REQUEST naming the line, or without any question
     */
    static QuestionSet read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw ServingException.notFound("reading questions: there is no file %s", file);
        }
        try {
            List<Question> questions = new ArrayList<>();
            for (String line : Files.readAllLines(file)) {
                if (!line.isBlank()) {
                    questions.add(question(line, file, questions.size() + 1));
                }
            }
            requireSound(questions, file);
            return new QuestionSet(file, linked(questions));
        } catch (IOException e) {
            throw new UncheckedIOException("reading the questions of " + file, e);
        }
    }

    private static Question question(String line, Path file, int number) {
        try {
            JsonNode node = JSON.readTree(line);
            for (String key : List.of("clip", "kind", "question", "answer")) {
                if (!node.path(key).isString()) {
                    throw ServingException.invalid(
                            "%s, question %d: expected a text '%s', got %s", file, number, key, node.path(key));
                }
            }
            return new Question(
                    node.path("clip").asString(),
                    node.path("kind").asString(),
                    node.path("question").asString(),
                    node.path("answer").asString(),
                    null);
        } catch (JacksonException e) {
            throw ServingException.invalid(
                    "%s, question %d: expected a line of JSON: %s", file, number, e.getOriginalMessage());
        }
    }

    private static void requireSound(List<Question> questions, Path file) {
        if (questions.isEmpty()) {
            throw ServingException.invalid("reading questions: expected at least one in %s, got none", file);
        }
        Set<String> keys = new HashSet<>();
        for (Question question : questions) {
            if (!Files.isRegularFile(file.resolveSibling(question.clip()))) {
                throw ServingException.notFound(
                        "reading the questions of %s: there is no clip %s beside it", file, question.clip());
            }
            if (!keys.add(question.key())) {
                throw ServingException.invalid(
                        "reading the questions of %s: '%s' is asked twice about %s; ask it once",
                        file, question.question(), question.clip());
            }
        }
    }

    private static List<Question> linked(List<Question> questions) {
        Map<String, Question> later = new HashMap<>();
        List<Question> linked = new ArrayList<>();
        for (int i = questions.size() - 1; i >= 0; i--) {
            Question question = questions.get(i);
            linked.add(question.followedBy(later.put(question.clip(), question)));
        }
        Collections.reverse(linked);
        return linked;
    }

    /** Some of the questions, drawn by a seed, in an order that it decides as well: the beginning of a run is a fair sample of it. */
    QuestionSet sampled(long seed, int limit) {
        List<Question> shuffled = new ArrayList<>(questions);
        Collections.shuffle(shuffled, new Random(seed));
        return new QuestionSet(file, shuffled.subList(0, Math.min(limit, shuffled.size())));
    }

    byte[] clip(Question question) {
        Path clip = file.resolveSibling(question.clip());
        try {
            return Files.readAllBytes(clip);
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + clip, e);
        }
    }
}
