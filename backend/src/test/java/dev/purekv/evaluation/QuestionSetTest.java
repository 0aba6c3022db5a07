package dev.purekv.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.ServingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuestionSetTest {
    @TempDir
    Path folder;

    @BeforeEach
    void addClips() throws Exception {
        Files.writeString(folder.resolve("a.mp4"), "");
        Files.writeString(folder.resolve("b.mp4"), "");
    }

    private QuestionSet read(String... lines) throws Exception {
        return QuestionSet.read(Files.write(folder.resolve("q.jsonl"), List.of(lines)));
    }

    private static String line(String clip, String question) {
        return "{\"clip\": \"%s\", \"kind\": \"k\", \"question\": \"%s\", \"answer\": \"yes\"}"
                .formatted(clip, question);
    }

    @Test
    void theNextQuestionAboutTheSameClipFollows() throws Exception {
        List<Question> questions = read(line("a.mp4", "1"), line("b.mp4", "2"), "", line("a.mp4", "3"))
                .questions();
        assertThat(questions).extracting(Question::question).containsExactly("1", "2", "3");
        assertThat(questions.get(0).next().question()).isEqualTo("3");
        assertThat(questions.get(1).next()).isNull();
        assertThat(questions.get(2).next()).isNull();
    }

    @Test
    void aSampleIsDecidedByItsSeedAndKeepsWhatFollows() throws Exception {
        QuestionSet set = read(line("a.mp4", "1"), line("b.mp4", "2"), line("a.mp4", "3"), line("b.mp4", "4"));
        assertThat(set.sampled(5, 3)).isEqualTo(set.sampled(5, 3));
        assertThat(set.sampled(5, 3).questions())
                .hasSize(3)
                .isNotEqualTo(set.sampled(6, 3).questions());
        assertThat(set.sampled(5, 9).questions()).containsExactlyInAnyOrderElementsOf(set.questions());
    }

    @Test
    void whatCannotBeAskedIsRefusedByItsNumber() {
        refused(
                "question 2: expected a text 'answer'",
                line("a.mp4", "1"),
                "{\"clip\": \"a.mp4\", \"kind\": \"k\", \"question\": \"?\"}");
        refused("question 1: expected a line of JSON", "{");
        refused("there is no clip c.mp4", line("c.mp4", "1"));
        refused("'1' is asked twice about a.mp4", line("a.mp4", "1"), line("a.mp4", "1"));
        refused("expected at least one", "");
        assertThatThrownBy(() -> QuestionSet.read(folder.resolve("absent")))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining("there is no file");
    }

    private void refused(String message, String... lines) {
        assertThatThrownBy(() -> read(lines))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining(message);
    }
}
