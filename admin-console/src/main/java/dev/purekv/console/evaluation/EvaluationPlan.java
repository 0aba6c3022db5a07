package dev.purekv.console.evaluation;

import dev.purekv.settings.KvPolicy;
import dev.purekv.settings.Word;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What an evaluation compares; kept as JSON in the run's folder.
 *
 * @param model name in the repository
 * @param questions name of a question set
 * @param methods words of {@code kv_policy}, without full, which is always there
 * @param ratios at least 1 each
 * @param prefill how the prompt is read: {@link #PREFILL}
 * @param sparseLayer first layer that is sparse or pruned; null for one above the middle
 * @param clieLayers choices of source layers for purekv beside the model's own, such as {@code 2} or {@code 1,3}
 * @param limit questions to ask; null for all
 * @param seed draws and orders the questions
 */
public record EvaluationPlan(
        String model,
        String questions,
        List<String> methods,
        List<Double> ratios,
        List<String> prefill,
        Integer sparseLayer,
        List<String> clieLayers,
        Integer limit,
        long seed) {
    /** Words of the evaluation's option {@code --prefill}. */
    public static final List<String> PREFILL =
            List.of("dense", "sparse", "spatial", "temporal", "pruned", "sparse_pruned");

    /** Methods that can be compared, PureKV first. */
    public static final List<String> METHODS = Arrays.stream(KvPolicy.values())
            .filter(policy -> policy != KvPolicy.FULL)
            .map(Word::word)
            .toList();

    private static final int MOST_VARIANTS = 500;

    /** @throws EvaluationException naming what cannot be evaluated */
    public EvaluationPlan {
        methods = List.copyOf(methods);
        ratios = List.copyOf(ratios);
        prefill = List.copyOf(prefill);
        clieLayers = List.copyOf(clieLayers);
        requireAmong("method", methods, METHODS);
        requireAmong("way to read the prompt", prefill, PREFILL);
        if (ratios.isEmpty() || ratios.stream().anyMatch(ratio -> !(ratio >= 1 && ratio <= 1000))) {
            throw new EvaluationException("The ratios must be numbers from 1 to 1000, got " + ratios + ".");
        }
        for (String layers : clieLayers) {
            if (!layers.matches("\\d{1,3}(,\\d{1,3}){0,15}")) {
                throw new EvaluationException(
                        "A choice of source layers is a list such as 2 or 1,3, got '" + layers + "'.");
            }
        }
        if (limit != null && limit < 1) {
            throw new EvaluationException("The number of questions must be at least 1, got " + limit + ".");
        }
        int variants = ratios.size() * prefill.size() * (methods.size() + clieLayers.size());
        if (variants > MOST_VARIANTS) {
            throw new EvaluationException("That makes " + variants + " combinations and " + MOST_VARIANTS
                    + " are the most: choose fewer methods, ratios or ways to read the prompt.");
        }
    }

    private static void requireAmong(String what, List<String> chosen, List<String> known) {
        if (chosen.isEmpty() || !Set.copyOf(known).containsAll(chosen)) {
            throw new EvaluationException(
                    "Choose at least one " + what + " out of " + String.join(", ", known) + "; got " + chosen + ".");
        }
    }

    /** Options of {@code dev.purekv.evaluation.Evaluate}, but for the paths. */
    List<String> options() {
        List<String> options = new ArrayList<>(List.of(
                "--methods=" + String.join(",", methods),
                "--ratios=" + ratios.stream().map(String::valueOf).collect(Collectors.joining(",")),
                "--prefill=" + String.join(",", prefill),
                "--seed=" + seed));
        if (sparseLayer != null) {
            options.add("--sparse-layer=" + sparseLayer);
        }
        if (limit != null) {
            options.add("--limit=" + limit);
        }
        clieLayers.forEach(layers -> options.add("--variant=clie_layer=" + layers));
        return options;
    }
}
