package dev.purekv.evaluation;

import dev.purekv.ServingException;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelFamily;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.LibTorch;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Compares compression methods on a set of questions about clips. Greedy, so that a run can be repeated; a run that was cut off goes
 * on where it stopped.
 */
@Command(
        name = "Evaluate",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description =
                "Compares ways to cut the cache: right answers, agreement with the full cache, divergence, bytes, times, and how "
                        + "well the attention of each layer ranks the entries of the others. Writes results.md, results.csv, "
                        + "results.json, correlations.csv and charts; what is there already is not computed again.")
public final class Evaluate implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--model", paramLabel = "FOLDER", description = "a checkpoint")
    private Path model = Path.of("model-repository/moving-digits/1");

    @Option(
            names = "--questions",
            paramLabel = "FILE",
            description = "a line of JSON a question: clip (relative to the file), kind, question, answer")
    private Path questions = Path.of("model-repository/moving-digits/evaluation/questions.jsonl");

    @Option(
            names = "--output",
            paramLabel = "FOLDER",
            required = true,
            description = "for results; made if it is not there")
    private Path output;

    @Option(
            names = "--setting",
            paramLabel = "NAME=VALUE",
            description =
                    "a parameter of the model's config.pbtxt that its family knows, such as videollama2.code=v1.0; "
                            + "may be repeated")
    private Map<String, String> settings = Map.of();

    @Option(names = "--ratios", split = ",", paramLabel = "R", description = "full cache over kept cache")
    private List<Double> ratios = List.of(1.0, 2.0, 3.0, 5.0, 8.0, 10.0);

    @Option(names = "--methods", split = ",", paramLabel = "M", description = "values of kv_policy")
    private List<String> methods = VariantChoice.METHODS;

    @Option(
            names = "--prefill",
            split = ",",
            paramLabel = "P",
            description = "dense; sparse (spatial and temporal attention), spatial, temporal; pruned, sparse_pruned")
    private List<String> prefill = List.of("dense", "sparse", "spatial", "temporal", "pruned", "sparse_pruned");

    @Option(
            names = "--sparse-layer",
            paramLabel = "N",
            description = "first layer that is not dense; one above the middle if not given")
    private Integer sparseLayer;

    @Option(
            names = "--variant",
            paramLabel = "SETTINGS",
            description = "more settings to compare, for purekv with a dense prefill, such as \"clie_layer=2\" or "
                    + "\"clie_layer=1,3 head_scores=per_head\"; may be repeated")
    private List<String> variants = List.of();

    @Option(names = "--limit", paramLabel = "N", description = "ask only so many of the questions; all if not given")
    private Integer limit;

    @Option(names = "--seed", paramLabel = "N", description = "draws and orders the questions")
    private long seed;

    @Option(names = "--max-tokens", paramLabel = "N", description = "of an answer")
    private int maxTokens = 64;

    @Option(
            names = "--until-input-ends",
            description =
                    "stop when the standard input ends, as it does when the program that started this one is gone")
    private boolean untilInputEnds;

    /** Runs the command and ends the process with 0, 1 for what cannot be done, or 2 for wrong options. */
    public static void main(String[] arguments) {
        // Charts go to files; a JDK without a screen would look for one where DISPLAY names it.
        System.setProperty("java.awt.headless", "true");
        System.exit(command().execute(arguments));
    }

    static CommandLine command() {
        return new CommandLine(new Evaluate()).setExecutionExceptionHandler((problem, command, parsed) -> {
            if (problem instanceof ServingException) {
                command.getErr().println(problem.getMessage());
                return 1;
            }
            throw problem;
        });
    }

    @Override
    public Integer call() {
        requireOptions();
        if (untilInputEnds) {
            InputWatch.start(System.in);
        }
        LibTorch.start();
        QuestionSet set = QuestionSet.read(questions);
        try (LoadedModel loaded = ModelFamily.open(model, ModelSettings.read(settings))) {
            int layers = loaded.model().layers();
            int above = sparseLayer == null ? Math.min(layers - 1, layers / 2 + 1) : sparseLayer;
            VariantChoice choice = new VariantChoice(methods, ratios, prefill, variants, above);
            List<Variant> chosen = choice.variants();
            QuestionSet sample = set.sampled(seed, limit == null ? Integer.MAX_VALUE : limit);
            RunFolder folder = RunFolder.open(output, model, questions, maxTokens);
            Comparison comparison = new Comparison(loaded, sample, chosen, maxTokens, folder);
            comparison.run(spec.commandLine().getErr());
            report(comparison, folder, spec.commandLine().getOut());
        }
        return 0;
    }

    private void requireOptions() {
        require(ratios.stream().allMatch(ratio -> ratio >= 1), "--ratios: each must be at least 1, got " + ratios);
        require(limit == null || limit >= 1, "--limit: must be at least 1, got " + limit);
        require(maxTokens >= 1, "--max-tokens: must be at least 1, got " + maxTokens);
    }

    private void require(boolean holds, String message) {
        if (!holds) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }

    private static void report(Comparison comparison, RunFolder folder, PrintWriter out) {
        List<Summary> summaries = comparison.summaries();
        Optional<Correlations> correlations = comparison.correlations();
        Table table = Table.of(summaries);
        folder.write("results.csv", table.csv());
        folder.write("results.md", table.markdown());
        folder.write("results.json", Result.write(summaries));
        correlations.ifPresent(
                each -> folder.write("correlations.csv", Table.of(each).csv()));
        out.print(table.markdown());
        out.flush();
        // Last, for a JDK without fonts cannot draw: the tables are there by then.
        QualityChart quality = new QualityChart(summaries);
        quality.byRatio(folder.file("quality-by-ratio.png"));
        quality.byTime(folder.file("quality-by-time.png"));
        correlations.ifPresent(each -> CorrelationChart.draw(each.meanHeads(), folder.file("correlations.png")));
    }
}
