package dev.purekv.compression;

import dev.purekv.settings.KvPolicy;
import dev.purekv.settings.KvSettings;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * One way to cut a cache.
 *
 * @param scorer null when everything is kept
 * @param window the last tokens whose attention is observed, unless all are
 * @param sources the layers whose attention is observed for {@link Observation#SOURCE_LAYERS}
 * @param pruningLayer the first layer without the visual tokens of least observed attention; above every source
 */
public record Compression(
        Scorer scorer,
        Budget budget,
        Protection protection,
        double ratio,
        int window,
        Set<Integer> sources,
        OptionalInt pruningLayer) {
    public Compression {
        sources = Set.copyOf(sources);
    }

    /** @param settings resolved against the model's layers */
    public static Compression of(KvSettings settings) {
        Budget budget = switch (settings.shares()) {
            case UNIFORM -> new UniformBudget();
            case PYRAMID -> new PyramidBudget();
            case INVERTED -> new InvertedBudget(new PyramidBudget());
        };
        return new Compression(
                settings.cuts() ? scorer(settings) : null,
                budget,
                new Protection(settings.sinkTokens(), recents(settings)),
                settings.compressionRatio(),
                settings.observationTokens(),
                Set.copyOf(settings.clieLayers()),
                settings.tokenPruningLayer());
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

    /** The plan for a prompt of text alone. */
    public CompressionPlan plan(int layers, int tokens) {
        return plan(layers, tokens, new BitSet());
    }

    /**
     * Settles how much is kept before anything is computed.
     *
     * @param layers L
     * @param tokens N
     * @param visual the tokens of images and videos
     */
    public CompressionPlan plan(int layers, int tokens, BitSet visual) {
        CompressionPlan plan = unpruned(layers, tokens);
        return pruningLayer.isEmpty() ? plan : pruned(plan, pruningLayer.getAsInt(), visual);
    }

    /**
     * As many survive as the layers from {@code first} on keep at most. The window survives whole, also where fewer tokens are
     * protected from cutting: its own tokens are seen by too few of its queries to be ranked with the others.
     */
    private CompressionPlan pruned(CompressionPlan plan, int first, BitSet visual) {
        int last = Math.max(protection.recents(), window);
        int[] candidates = visual.stream()
                .filter(token -> token >= protection.sinks() && token < plan.tokens() - last)
                .toArray();
        int mostKept =
                Arrays.stream(plan.kept(), first, plan.kept().length).max().orElseThrow();
        int survivors = Math.max(mostKept, plan.tokens() - candidates.length);
        if (survivors < plan.tokens()) {
            return plan.pruned(new TokenPruning(first, plan.tokens(), candidates, survivors));
        }
        String nothing = candidates.length == 0
                ? note("the prompt has no visual token beyond its first %d and last %d", protection.sinks(), last)
                : note("a layer from there on keeps all %d tokens", plan.tokens());
        return plan.noted(note("token_pruning_layer %d drops nothing: %s", first, nothing));
    }

    private CompressionPlan unpruned(int layers, int tokens) {
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

    /**
     * Walks a prefill without computing it: what {@link PrefillCompression} will do to the sizes of the layers.
     *
     * @param plan of this compression
     * @param room tokens that follow the prompt
     * @return most entries (of all heads) that the layers hold together at any time; while one is cut, the old and the new exist
     */
    public long peakEntries(CompressionPlan plan, int room) {
        int firstCut = scorer != null && scorer.observes() == Observation.SOURCE_LAYERS ? Collections.min(sources) : 0;
        long held = 0;
        long peak = 0;
        int next = 0;
        for (int layer = 0; layer < plan.kept().length; layer++) {
            held += plan.tokens(layer) + (plan.cuts(layer) ? 0L : room);
            peak = Math.max(peak, held);
            for (; layer >= firstCut && next <= layer; next++) {
                if (plan.cuts(next)) {
                    long compact = (long) plan.kept()[next] + room;
                    peak = Math.max(peak, held + compact);
                    held += compact - plan.tokens(next);
                }
            }
        }
        return peak;
    }

    private static String note(String text, Object... values) {
        return String.format(Locale.ROOT, text, values);
    }

    /** @return positions (G, keep) int64, ascending */
    Tensor keptPositions(ScoredLayer layer, int keep) {
        return protection.choose(scorer.score(layer), keep);
    }
}
