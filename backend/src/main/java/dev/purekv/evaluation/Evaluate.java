package dev.purekv.evaluation;

import dev.purekv.evaluation.Answerer.Answered;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelFamily;
import dev.purekv.model.ModelPrompt;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.LibTorch;
import dev.purekv.text.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Compares compression methods on a set of questions about clips: right answers by kind, agreement with the full cache, bytes and
 * times. Greedy, so that a run can be repeated; a run that was cut off goes on where it stopped.
 */
public final class Evaluate {
    private static final int MAX_TOKENS = 64;

    private final LoadedModel loaded;
    private final Answerer answerer;
    private final TrialLog log;

    private Evaluate(LoadedModel loaded, TrialLog log) {
        this.loaded = loaded;
        this.answerer = new Answerer(loaded, MAX_TOKENS);
        this.log = log;
    }

    /** @param arguments checkpoint folder, questions (JSON lines), output folder, ratios separated by commas */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 4) {
            System.err.println("usage: Evaluate CHECKPOINT QUESTIONS.jsonl OUTPUT_FOLDER RATIOS, for example 2,5,10");
            System.exit(2);
        }
        LibTorch.start();
        Path output = Files.createDirectories(Path.of(arguments[2]));
        List<Double> ratios =
                Arrays.stream(arguments[3].split(",")).map(Double::valueOf).toList();
        List<Variant> variants = Variant.all(ratios);
        TrialLog log = new TrialLog(output.resolve("trials.jsonl"));
        try (LoadedModel loaded = ModelFamily.open(Path.of(arguments[0]), ModelSettings.read(Map.of()))) {
            new Evaluate(loaded, log).run(Question.readAll(Path.of(arguments[1])), variants);
        }
        Results results = new Results(variants, log.trials());
        Files.writeString(output.resolve("results.csv"), results.csv());
        Files.writeString(output.resolve("results.md"), results.markdown());
        System.out.print(results.markdown());
    }

    private void run(List<Question> questions, List<Variant> variants) throws IOException {
        int number = 0;
        for (Question question : questions) {
            number++;
            List<Variant> missing =
                    variants.stream().filter(each -> !log.holds(each, question)).toList();
            if (!missing.isEmpty()) {
                ModelPrompt prompt = prompt(question);
                Answered full = answerer.answer(prompt, Variant.FULL.kv());
                for (Variant variant : missing) {
                    log.add(trial(variant, question, answerer.answer(prompt, variant.kv()), full));
                }
            }
            System.err.printf("question %d of %d%n", number, questions.size());
        }
    }

    private ModelPrompt prompt(Question question) throws IOException {
        byte[] clip = Files.readAllBytes(question.clip());
        return loaded.encoder()
                .encode(List.of(
                        new Message("user", List.of(new Message.Video(clip), new Message.Text(question.question())))));
    }

    private static Trial trial(Variant variant, Question question, Answered answered, Answered full) {
        return new Trial(
                variant.name(),
                question.key(),
                question.kind(),
                answered.text(),
                answered.text().strip().equals(question.answer()),
                answered.text().equals(full.text()),
                Answerer.divergence(full.cached(), answered.cached()),
                answered.report().cacheBytes(),
                answered.report().fullCacheBytes(),
                millis(answered.report().vision()),
                millis(answered.report().language()),
                millis(answered.report().scoring()),
                millis(answered.decode()),
                answered.tokens());
    }

    private static double millis(Duration time) {
        return time.toNanos() / 1e6;
    }
}
