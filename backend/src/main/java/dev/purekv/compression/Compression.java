package dev.purekv.compression;

import dev.purekv.settings.KvPolicy;
import dev.purekv.settings.KvSettings;
import dev.purekv.settings.LayerBudgets;
import java.util.Locale;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * One way to cut a cache.
 *
 * @param scorer null when everything is kept
 * @param window the last tokens whose attention is observed, unless all are
 * @param sources the layers whose attention is observed for {@link Observation#SOURCE_LAYERS}
 */
public record Compression(
        Scorer scorer, Budget budget, Protection protection, double ratio, int window, Set<Integer> sources) {
    public Compression {
        sources = Set.copyOf(sources);
    }

    /** @param settings resolved against the model's layers */
    public static Compression of(KvSettings settings) {
        Budget budget = settings.layerBudgets() == LayerBudgets.PYRAMID || settings.policy() == KvPolicy.PYRAMIDKV
                ? new PyramidBudget()
                : new UniformBudget();
        return new Compression(
                settings.cuts() ? scorer(settings) : null,
                budget,
                new Protection(settings.sinkTokens(), recents(settings)),
                settings.compressionRatio(),
                settings.observationTokens(),
                Set.copyOf(settings.clieLayers()));
    }

    private static Scorer scorer(KvSettings settings) {
        return switch (settings.policy()) {
            case PUREKV -> new PureKv(settings.headScores());
            case FULL -> null;
            case RANDOM -> new RandomChoice(0);
            case STREAMING_LLM -> new StreamingLlm();
            case H2O -> new HeavyHitters();
            case SNAPKV, PYRAMIDKV -> new SnapKv(settings.observationTokens());
            case VALUE_NORM -> new ValueNorm();
            case ORACLE -> new Oracle();
        };
    }

    /** SnapKV and PyramidKV always keep the whole window, whose smoothed scores do not exist. */
    private static int recents(KvSettings settings) {
        boolean window = settings.policy() == KvPolicy.SNAPKV || settings.policy() == KvPolicy.PYRAMIDKV;
        return window ? Math.max(settings.recentTokens(), settings.observationTokens()) : settings.recentTokens();
    }

    /**
     * Settles how much is kept before anything is computed.
     *
     * @param layers L
     * @param tokens N
     */
    public CompressionPlan plan(int layers, int tokens) {
        if (scorer == null) {
            String why = ratio > 1 ? "kv_policy full keeps everything" : "compression_ratio 1 keeps everything";
            return CompressionPlan.keepAll(layers, tokens, why);
        }
        int floor = protection.count(tokens);
        int wanted = (int) Math.ceil(tokens / ratio);
        if (floor == tokens) {
            return CompressionPlan.keepAll(
                    layers,
                    tokens,
                    note(
                            "the prompt has %d tokens, no more than the protected ones (%d first, %d last): everything is kept",
                            tokens, protection.sinks(), protection.recents()));
        }
        if (wanted == tokens) {
            return CompressionPlan.keepAll(
                    layers, tokens, note("a ratio of %s keeps all of %d tokens, rounded up", ratio, tokens));
        }
        String note = wanted >= floor
                ? ""
                : note(
                        "a ratio of %s would keep %d of %d tokens, fewer than the %d protected ones: those are kept",
                        ratio, wanted, tokens, floor);
        return new CompressionPlan(budget.share(layers, tokens, Math.max(wanted, floor), floor), tokens, note);
    }

    private static String note(String text, Object... values) {
        return String.format(Locale.ROOT, text, values);
    }

    /** @return positions (G, keep) int64, ascending */
    Tensor keptPositions(ScoredLayer layer, int keep) {
        return protection.choose(scorer.score(layer), keep);
    }
}
