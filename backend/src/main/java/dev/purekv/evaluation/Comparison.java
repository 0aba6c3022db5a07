package dev.purekv.evaluation;

import dev.purekv.evaluation.Answerer.Answered;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelPrompt;
import dev.purekv.settings.HeadScores;
import dev.purekv.settings.KvSettings;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** Asks every question under every variant, unless a run before this one has. */
final class Comparison {
    private final LoadedModel loaded;
    private final QuestionSet set;
    private final List<Variant> variants;
    private final Answerer answerer;
    private final RecordLog<Trial> trials;
    private final RecordLog<Observed> observed;

    Comparison(LoadedModel loaded, QuestionSet set, List<Variant> variants, int maxTokens, RunFolder folder) {
        this.loaded = loaded;
        this.set = set;
        this.variants = variants;
        this.answerer = new Answerer(loaded, maxTokens);
        this.trials = new RecordLog<>(folder.file("trials.jsonl"), Trial.class, Trial::key);
        this.observed = new RecordLog<>(folder.file("correlations.jsonl"), Observed.class, Observed::question);
    }

    /** @throws dev.purekv.ServingException INVALID_REQUEST or UNSUPPORTED for a variant that the model refuses, before anything is run */
    void run(PrintWriter out) {
        variants.forEach(this::requireServed);
        int missing = set.questions().stream()
                .mapToInt(question -> missing(question).size())
                .sum();
        Progress progress = new Progress(out, missing);
        for (Question question : set.questions()) {
            List<Variant> wanted = missing(question);
            if (!wanted.isEmpty() || !observed.holds(question.key())) {
                run(question, wanted);
                progress.add(wanted.size());
            }
        }
    }

    private void requireServed(Variant variant) {
        ModelPrompt shortest = new ModelPrompt(new int[1], List.of());
        loaded.model().begin(shortest, 1, variant.kv()).close();
    }

    private List<Variant> missing(Question question) {
        return variants.stream()
                .filter(variant -> !trials.holds(Trial.key(variant.key(), question.key())))
                .toList();
    }

    private void run(Question question, List<Variant> wanted) {
        Conversation conversation = Conversation.about(set.clip(question), question, loaded);
        // Not timed: it is watched at every layer, which costs what no method pays.
        LayerEvidence evidence = new LayerEvidence(KvSettings.DEFAULT.observationTokens());
        Answered full = answerer.answer(conversation, Variant.FULL.kv(), evidence);
        for (Variant variant : wanted) {
            KeptMass mass = new KeptMass(evidence.layers());
            Answered answered = answerer.answer(conversation, variant.kv(), mass);
            trials.add(trial(variant, question, answered, full, mass.share()));
        }
        if (!observed.holds(question.key())) {
            observed.add(correlations(question, evidence.layers()));
        }
    }

    private static Observed correlations(Question question, List<LayerEvidence.Layer> layers) {
        KvSettings settings = KvSettings.DEFAULT;
        RankCorrelation ranks = new RankCorrelation(settings.sinkTokens(), settings.recentTokens());
        return new Observed(question.key(), ranks.of(layers, HeadScores.MEAN), ranks.of(layers, HeadScores.PER_HEAD));
    }

    private static Trial trial(Variant variant, Question question, Answered answered, Answered full, double mass) {
        boolean comparable =
                answered.firstToken() == full.firstToken() && answered.second() != null && full.second() != null;
        boolean followed = answered.followUp() != null;
        return new Trial(
                variant.key(),
                question.key(),
                answered.text(),
                answered.text().strip().equals(question.answer()),
                answered.text().equals(full.text()),
                Divergence.of(full.first(), answered.first()),
                comparable ? Divergence.of(full.second(), answered.second()) : null,
                mass,
                answered.report().cacheBytes(),
                answered.report().fullCacheBytes(),
                millis(answered.report().vision()),
                millis(answered.report().language()),
                millis(answered.report().scoring()),
                millis(answered.decode()),
                answered.tokens(),
                answered.followUp(),
                followed ? answered.followUp().strip().equals(question.next().answer()) : null,
                followed ? answered.followUp().equals(full.followUp()) : null);
    }

    private static double millis(Duration time) {
        return time.toNanos() / 1e6;
    }

    /** A summary a variant, of this comparison's questions alone. */
    List<Summary> summaries() {
        Map<String, String> kinds = set.questions().stream().collect(Collectors.toMap(Question::key, Question::kind));
        return variants.stream()
                .map(variant -> Summary.of(
                        variant,
                        set.questions().stream()
                                .map(question -> trials.get(Trial.key(variant.key(), question.key())))
                                .toList(),
                        kinds))
                .toList();
    }

    Optional<Correlations> correlations() {
        return Correlations.of(set.questions().stream()
                .map(question -> observed.get(question.key()))
                .filter(Objects::nonNull)
                .toList());
    }
}
