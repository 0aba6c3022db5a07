package dev.purekv.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The command on the second family: random weights, so only that every trial runs, and that nothing is lost at ratio 1. */
class VideoLlama2EvaluationTest {
    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden", "videollama2");
    private static final Path SAMPLES = Path.of("..", "model-repository", "moving-digits", "samples");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"mistral", "qwen2"})
    void comparesMethodsPatternsAndRatios(String of) throws Exception {
        Files.copy(SAMPLES.resolve("digits-32x168-1.mp4"), folder.resolve("digits-32x168-1.mp4"));
        List<String> lines = Files.readAllLines(SAMPLES.resolve("questions.json")).stream()
                .filter(line -> line.contains("digits-32x168-1.mp4") && line.contains("count"))
                .map(line -> line.replaceAll(",$", ""))
                .toList();
        assertThat(lines).hasSize(1);
        Path questions = Files.write(folder.resolve("questions.jsonl"), lines);
        Path output = folder.resolve("out");
        StringWriter said = new StringWriter();
        CommandLine command = Evaluate.command();
        command.setOut(new PrintWriter(said));
        command.setErr(new PrintWriter(said));
        int code = command.execute(
                "--model=" + GOLDEN.resolve(of),
                "--setting=videollama2.code=" + (of.equals("mistral") ? "v1.0" : "v1.5"),
                "--setting=videollama2.padding=true",
                "--questions=" + questions,
                "--output=" + output,
                "--ratios=1,5",
                "--methods=purekv,snapkv",
                "--prefill=dense,sparse,pruned",
                "--sparse-layer=3",
                "--max-tokens=4");
        assertThat(code).as(said.toString()).isZero();
        List<String> results = Files.readAllLines(output.resolve("results.csv"));
        List<String> header = List.of(results.get(0).split(","));
        assertThat(results.stream()
                        .map(line -> List.of(line.split(",", -1)))
                        .filter(row -> row.get(2).equals("1") && row.get(1).equals("dense"))
                        .map(row -> row.get(header.indexOf("agreement"))))
                .as(String.join("\n", results))
                .isNotEmpty()
                .containsOnly("1.000");
        assertThat(Files.readAllLines(output.resolve("trials.jsonl"))).hasSizeGreaterThanOrEqualTo(6);
    }
}
