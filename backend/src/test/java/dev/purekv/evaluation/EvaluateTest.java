package dev.purekv.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.purekv.ServingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole comparison on two questions about a sample clip, with the demonstration model. */
class EvaluateTest {
    private static final Path MODEL = Path.of("..", "model-repository", "moving-digits");

    @TempDir
    Path folder;

    @Test
    void comparesEveryVariantAndGoesOnWhereItStopped() throws Exception {
        Path questions = questions();
        Path output = folder.resolve("out");
        String[] arguments = {MODEL.resolve("1").toString(), questions.toString(), output.toString(), "5"};
        Evaluate.main(arguments);
        List<String> trials = Files.readAllLines(output.resolve("trials.jsonl"));
        int variants = Variant.all(List.of(5.0)).size();
        assertThat(trials).hasSize(2 * variants);
        assertThat(Files.readAllLines(output.resolve("results.csv"))).hasSize(1 + variants);
        assertThat(Files.readString(output.resolve("results.md")))
                .containsPattern("\\| full \\| 1 \\| 2 \\| 1.000 \\| 1.000 \\| 1.000 \\| 1.000 \\| 0.0000 \\| 1.00 ")
                .containsPattern("\\| purekv \\| 5 \\| 2 \\|.*\\| 4.9\\d \\|");

        // As if the run had been cut off in the middle of a line.
        Files.writeString(
                output.resolve("trials.jsonl"),
                String.join("\n", trials.subList(0, 5)) + "\n" + trials.get(5).substring(0, 20) + "\n");
        Evaluate.main(arguments);
        List<String> again = Files.readAllLines(output.resolve("trials.jsonl"));
        assertThat(again.subList(0, 5)).isEqualTo(trials.subList(0, 5));
        assertThat(again).hasSize(2 * variants + 1);
        assertThat(Files.readAllLines(output.resolve("results.csv"))).hasSize(1 + variants);
    }

    private Path questions() throws Exception {
        Path clip = MODEL.resolve("samples/digits-32x168-1.mp4").toAbsolutePath();
        List<String> lines = Files.readAllLines(MODEL.resolve("samples/questions.json")).stream()
                .filter(line ->
                        line.contains("digits-32x168-1.mp4") && (line.contains("count") || line.contains("describe")))
                .map(line ->
                        line.replace("digits-32x168-1.mp4", clip.toString()).replaceAll(",$", ""))
                .toList();
        assertThat(lines).hasSize(2);
        return Files.write(folder.resolve("questions.jsonl"), lines);
    }

    @Test
    void aQuestionWithoutAnAnswerIsRefusedByItsNumber() throws Exception {
        Path file = Files.writeString(
                folder.resolve("q.jsonl"), "{\"clip\": \"a.mp4\", \"kind\": \"x\", \"question\": \"?\"}\n");
        assertThatThrownBy(() -> Question.readAll(file))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining("question 1")
                .hasMessageContaining("'answer'");
    }

    @Test
    void divergenceIsZeroForEqualDistributionsAndTheTextbookValueOtherwise() {
        float[] fair = {0, 0};
        float[] biased = {(float) Math.log(0.75), (float) Math.log(0.25)};
        assertThat(Answerer.divergence(fair, new float[] {3, 3})).isZero();
        assertThat(Answerer.divergence(fair, biased))
                .isCloseTo(0.5 * Math.log(0.5 / 0.75) + 0.5 * Math.log(0.5 / 0.25), within(1e-6));
    }
}
