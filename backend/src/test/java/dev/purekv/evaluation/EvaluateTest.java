package dev.purekv.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The whole command on two questions about a sample clip, with the demonstration model. */
class EvaluateTest {
    private static final Path MODEL = Path.of("..", "model-repository", "moving-digits");
    private static final int LAYERS = 8;

    @TempDir
    Path folder;

    private Path questions;
    private Path output;
    private String said = "";

    @BeforeEach
    void writeQuestions() throws Exception {
        output = folder.resolve("out");
        Files.copy(MODEL.resolve("samples/digits-32x168-1.mp4"), folder.resolve("digits-32x168-1.mp4"));
        List<String> lines = Files.readAllLines(MODEL.resolve("samples/questions.json")).stream()
                .filter(line ->
                        line.contains("digits-32x168-1.mp4") && (line.contains("count") || line.contains("describe")))
                .map(line -> line.replaceAll(",$", ""))
                .toList();
        assertThat(lines).hasSize(2);
        questions = Files.write(folder.resolve("questions.jsonl"), lines);
    }

    /** @return the command's exit code; what it said is in {@link #said} */
    private int run(String... options) {
        List<String> all = new ArrayList<>(List.of(
                "--model", MODEL.resolve("1").toString(),
                "--questions", questions.toString(),
                "--output", output.toString()));
        all.addAll(List.of(options));
        StringWriter heard = new StringWriter();
        CommandLine command = Evaluate.command();
        command.setOut(new PrintWriter(heard));
        command.setErr(new PrintWriter(heard));
        int code = command.execute(all.toArray(String[]::new));
        said = heard.toString();
        return code;
    }

    private List<String> lines(String file) throws Exception {
        return Files.readAllLines(output.resolve(file));
    }

    private String cell(String method, String prefill, String ratio, String column) throws Exception {
        List<String> header = List.of(lines("results.csv").get(0).split(","));
        return lines("results.csv").stream()
                .map(line -> line.split(",", -1))
                .filter(row -> row[0].equals(method) && row[1].equals(prefill) && row[2].equals(ratio))
                .map(row -> row[header.indexOf(column)])
                .collect(Collectors.joining("; "));
    }

    @Test
    void comparesMethodsRatiosPatternsAndSettingsOfOnesOwn() throws Exception {
        assertThat(run(
                        "--ratios=1,10",
                        "--methods=purekv,streaming_llm",
                        "--prefill=dense,spatial,pruned",
                        "--variant=clie_layer=1,3 head_scores=per_head"))
                .as(said)
                .isZero();
        assertThat(lines("trials.jsonl")).hasSize(2 * 8);
        assertThat(lines("results.csv")).hasSize(1 + 8);
        assertThat(Files.readString(output.resolve("results.csv")))
                .contains("\"purekv clie_layer=1,3 head_scores=per_head\"");
        assertThat(said)
                .contains("16 trials to run", "16 of 16 trials, 0 s left")
                .contains("| full | dense | 1 | 2 |");

        List<Result> results = Result.read(Files.readString(output.resolve("results.json")));
        assertThat(results).hasSize(8);
        assertThat(results.get(0).settings()).containsEntry("compression_ratio", "1.0");
        assertThat(results)
                .filteredOn(each -> each.settings().containsKey("head_scores"))
                .singleElement()
                .satisfies(each -> assertThat(each.settings())
                        .containsEntry("clie_layer", "1,3")
                        .containsEntry("kv_policy", "purekv"));
        assertThat(cell("full", "dense", "1", "accuracy")).isEqualTo("1.000");
        assertThat(cell("full", "dense", "1", "agreement")).isEqualTo("1.000");
        assertThat(cell("full", "dense", "1", "attention kept")).isEqualTo("1.000");
        assertThat(cell("full", "dense", "1", "second-token KL")).isEqualTo("0.0000");
        assertThat(cell("full", "dense", "1", "second question: accuracy")).isEqualTo("1.000");
        assertThat(cell("full", "dense", "1", "second question: agreement")).isEqualTo("1.000");
        assertThat(cell("purekv", "dense", "10", "bytes ratio")).startsWith("9.9");
        // Cutting comes after the first token, another prefill before it.
        assertThat(cell("streaming_llm", "dense", "10", "first-token KL")).isEqualTo("0.0000");
        assertThat(lines("trials.jsonl"))
                .filteredOn(line -> line.contains("temporal=false"))
                .hasSize(6)
                .noneMatch(line -> line.contains("\"firstDivergence\":0.0,"));
        assertThat(lines("trials.jsonl"))
                .filteredOn(line -> line.contains("policy=STREAMING_LLM"))
                .hasSize(4)
                .noneMatch(line -> line.contains("\"secondDivergence\":0.0,"));
        assertThat(lines("trials.jsonl"))
                .filteredOn(line -> line.contains("tokenPruningLayer=OptionalInt[5]"))
                .hasSize(2)
                .noneMatch(line -> line.contains("\"firstDivergence\":0.0,"));
        assertThat(cell("purekv", "pruned", "10", "bytes ratio")).startsWith("9.9");
        double blind = Double.parseDouble(cell("streaming_llm", "dense", "10", "attention kept"));
        assertThat(Double.parseDouble(cell("purekv", "dense", "10", "attention kept")))
                .isBetween(blind, 1.0);
    }

    @Test
    void ranksEveryLayerByEveryOtherAndDraws() throws Exception {
        assertThat(run("--ratios=1", "--prefill=dense", "--limit=1")).as(said).isZero();
        assertThat(lines("correlations.csv")).hasSize(1 + LAYERS * LAYERS);
        for (String line : lines("correlations.csv").subList(1, 1 + LAYERS * LAYERS)) {
            double[] row = Arrays.stream(line.split(","))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
            if (row[0] == row[1]) {
                assertThat(row[3]).as("a layer's own scores, head by head").isEqualTo(1);
            } else {
                assertThat(row[3]).isBetween(-0.5, 0.99);
            }
            assertThat(row[2]).isBetween(-0.5, 0.99);
        }
        for (String chart : List.of("quality-by-ratio.png", "quality-by-time.png", "correlations.png")) {
            assertThat(ImageIO.read(output.resolve(chart).toFile()).getWidth()).isGreaterThan(500);
        }
    }

    @Test
    void goesOnWhereItStopped() throws Exception {
        String[] options = {"--ratios=5", "--methods=purekv,random", "--prefill=dense"};
        assertThat(run(options)).as(said).isZero();
        List<String> trials = lines("trials.jsonl");
        assertThat(trials).hasSize(2 * 3);
        // As if the run had been cut off in the middle of a line.
        Files.writeString(
                output.resolve("trials.jsonl"),
                String.join("\n", trials.subList(0, 4)) + "\n" + trials.get(4).substring(0, 20) + "\n");
        assertThat(run(options)).as(said).isZero();
        assertThat(said).contains("2 trials to run");
        assertThat(lines("trials.jsonl"))
                .hasSize(6)
                .startsWith(trials.subList(0, 4).toArray(String[]::new));
        assertThat(run(options)).as(said).isZero();
        assertThat(said).contains("0 trials to run");
    }

    @Test
    void aSeedDrawsTheSameQuestionsAgain() throws Exception {
        String[] options = {"--ratios=1", "--prefill=dense", "--limit=1", "--seed=3"};
        assertThat(run(options)).as(said).isZero();
        assertThat(run(options)).as(said).isZero();
        assertThat(lines("trials.jsonl")).hasSize(1);
        assertThat(cell("full", "dense", "1", "questions")).isEqualTo("1");
    }

    @Test
    void wrongOptionsAreRefusedInWords() {
        assertThat(run("--methods=purekv,magic")).isEqualTo(1);
        assertThat(said).contains("option --methods", "'magic'", "snapkv");
        assertThat(run("--prefill=thin")).isEqualTo(1);
        assertThat(said).contains("option --prefill", "'thin'", "temporal");
        assertThat(run("--variant=clie_layers=2")).isEqualTo(1);
        assertThat(said).contains("option --variant", "'clie_layers=2'");
        assertThat(run("--variant=clie_layer=9")).isEqualTo(1);
        assertThat(said).contains("'clie_layer' must be below 8");
        assertThat(run("--ratios=0.5")).isEqualTo(2);
        assertThat(said).contains("--ratios: each must be at least 1");
        assertThat(run("--limit=0")).isEqualTo(2);
        assertThat(run("--ratios=five")).isEqualTo(2);
        assertThat(said).contains("--ratios", "five");
        assertThat(output.resolve("trials.jsonl")).doesNotExist();
    }

    @Test
    void resultsOfOtherQuestionsAreNotMixedIn() throws Exception {
        String[] options = {"--ratios=1", "--prefill=dense", "--limit=1"};
        assertThat(run(options)).as(said).isZero();
        Files.writeString(questions, Files.readString(questions) + "\n");
        assertThat(run(options)).isEqualTo(1);
        assertThat(said).contains("other questions", "name another folder");
    }
}
