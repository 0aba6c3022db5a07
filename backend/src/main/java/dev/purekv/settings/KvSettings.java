package dev.purekv.settings;

import dev.purekv.ServingException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What happens to the prompt's keys and values, for one request. An operator sets it for a model in config.pbtxt, a request
 * may set it for itself, by the same names.
 *
 * @param policy {@code kv_policy}
 * @param compressionRatio bytes of the full cache over bytes kept, over all layers, at the end of prefill; 1 keeps all
 * @param clieLayers {@code clie_layer}: the layers whose attention is observed, ascending; empty for the model's own choice
 * @param sparseAttentionLayer first layer with spatial-temporal sparse attention; empty for none
 * @param spatial whether a visual token sees its own slice there
 * @param temporal whether a visual token sees its own cell in earlier slices there
 * @param temporalWindow how many earlier slices; 0 for all
 * @param tokenPruningLayer first layer without the visual tokens of least observed attention; empty for none
 * @param sinkTokens first tokens of the prompt that are always kept
 * @param recentTokens last tokens of the prompt that are always kept
 * @param observationTokens last tokens of the prompt whose attention is observed
 */
public record KvSettings(
        KvPolicy policy,
        double compressionRatio,
        List<Integer> clieLayers,
        OptionalInt sparseAttentionLayer,
        boolean spatial,
        boolean temporal,
        int temporalWindow,
        OptionalInt tokenPruningLayer,
        int sinkTokens,
        int recentTokens,
        int observationTokens,
        HeadScores headScores,
        LayerBudgets layerBudgets) {
    /** What is not said otherwise. A ratio of 1: nothing is cut until someone asks for it. */
    public static final KvSettings DEFAULT = new KvSettings(
            KvPolicy.PUREKV,
            1.0,
            List.of(),
            OptionalInt.empty(),
            true,
            true,
            0,
            OptionalInt.empty(),
            4,
            32,
            32,
            HeadScores.MEAN,
            LayerBudgets.UNIFORM);

    /** Every name that {@link #read} understands. */
    public static final Set<String> NAMES = Set.of(
            "kv_policy",
            "compression_ratio",
            "clie_layer",
            "sparse_attention_layer",
            "spatial",
            "temporal",
            "temporal_window",
            "token_pruning_layer",
            "sink_tokens",
            "recent_tokens",
            "observation_tokens",
            "head_scores",
            "layer_budgets");

    /** @throws ServingException INVALID_REQUEST naming the setting, its value and what would be right */
    public KvSettings {
        clieLayers = List.copyOf(new TreeSet<>(clieLayers));
        requireRatio(compressionRatio);
        require(sinkTokens >= 0, "sink_tokens", sinkTokens, "0 or more");
        require(recentTokens >= 1, "recent_tokens", recentTokens, "1 or more: the last token asks for the answer");
        require(observationTokens >= 1, "observation_tokens", observationTokens, "1 or more");
        require(temporalWindow >= 0, "temporal_window", temporalWindow, "all, or 1 or more slices");
        for (int layer : clieLayers) {
            require(layer >= 0, "clie_layer", layer, "a layer index, 0 or more");
        }
        requireAbove("sparse_attention_layer", sparseAttentionLayer, clieLayers);
        requireAbove("token_pruning_layer", tokenPruningLayer, clieLayers);
        requireTogether(sparseAttentionLayer.isEmpty() || spatial || temporal, """
                'spatial' and 'temporal' cannot both be false where 'sparse_attention_layer' is %s: leave one of them true, \
                or set 'sparse_attention_layer' to off""", shown(sparseAttentionLayer));
        requireTogether(
                tokenPruningLayer.isEmpty() || policy == KvPolicy.PUREKV, """
                'token_pruning_layer' %s needs 'kv_policy' purekv, whose observed attention chooses the tokens, got %s: set \
                'token_pruning_layer' to off, or 'kv_policy' to purekv""", shown(tokenPruningLayer), policy.word());
    }

    /**
     * @param values String, Number, Boolean, or for {@code clie_layer} a list of whole numbers, by name; each name must be
     *     one of {@link #NAMES}
     * @param base what holds for names that are absent
     * @throws ServingException INVALID_REQUEST naming the setting, its value and what would be right
     */
    public static KvSettings read(Map<String, ?> values, KvSettings base) {
        return values.isEmpty() ? base : new KvSettingsReader(values).read(base);
    }

    /**
     * The settings as they hold for a model, with its own source layers where none are given: about a quarter and a half
     * of its depth. Evidence: on the demonstration model (L = 8) layers 2 and 4 together were never far from the best
     * single source, while 1 and 3 were worse; deeper sources would keep more layers waiting with their full cache.
     *
     * @param layers L
     * @throws ServingException INVALID_REQUEST when a layer is outside the model, or not above the source layers
     */
    public KvSettings resolved(int layers) {
        Stream.concat(clieLayers.stream(), Stream.concat(boxed(sparseAttentionLayer), boxed(tokenPruningLayer)))
                .filter(layer -> layer >= layers)
                .findFirst()
                .ifPresent(layer -> {
                    throw ServingException.invalid(
                            "parameter '%s' must be below %d, the layers of this model, got %d",
                            nameOf(layer), layers, layer);
                });
        return clieLayers.isEmpty() ? withClieLayers(ownSources(layers)) : this;
    }

    /** Layers L/4 and L/2, or those of them that lie below the layers that need sources. */
    private List<Integer> ownSources(int layers) {
        int limit = Math.min(sparseAttentionLayer.orElse(layers), tokenPruningLayer.orElse(layers));
        require(limit > 0, limitName(), limit, "above every clie_layer, so at least 1");
        return Stream.of(Math.min(layers / 4, limit - 1), layers / 2)
                .filter(layer -> layer < limit)
                .toList();
    }

    private String limitName() {
        return sparseAttentionLayer.orElse(Integer.MAX_VALUE) == 0 ? "sparse_attention_layer" : "token_pruning_layer";
    }

    private KvSettings withClieLayers(List<Integer> sources) {
        return new KvSettings(
                policy,
                compressionRatio,
                sources,
                sparseAttentionLayer,
                spatial,
                temporal,
                temporalWindow,
                tokenPruningLayer,
                sinkTokens,
                recentTokens,
                observationTokens,
                headScores,
                layerBudgets);
    }

    /** Whether any entry of a long enough prompt is given up. */
    public boolean cuts() {
        return policy != KvPolicy.FULL && compressionRatio > 1;
    }

    /** How the layers share what is kept, by the policy too. */
    public LayerBudgets shares() {
        return policy == KvPolicy.PYRAMIDKV ? LayerBudgets.PYRAMID : layerBudgets;
    }

    private String nameOf(int layer) {
        return clieLayers.contains(layer)
                ? "clie_layer"
                : sparseAttentionLayer.equals(OptionalInt.of(layer)) ? "sparse_attention_layer" : "token_pruning_layer";
    }

    private static Stream<Integer> boxed(OptionalInt layer) {
        return layer.stream().boxed();
    }

    private static void requireRatio(double ratio) {
        if (ratio == 0) {
            throw ServingException.invalid(
                    "parameter 'compression_ratio' must be at least 1, got 0: it is the full cache over what is kept; to keep "
                            + "everything, set 1");
        }
        // Below that, nobody means a fraction, and its reciprocal need not be a number.
        if (ratio >= 1e-6 && ratio < 1) {
            throw ServingException.invalid(
                    "parameter 'compression_ratio' must be at least 1, got %s: it is the full cache over what is kept; to remove "
                            + "the fraction %s, as other libraries write it, set %s; to keep that fraction, set %s",
                    ratio, ratio, rounded(1 / (1 - ratio)), rounded(1 / ratio));
        }
        require(ratio >= 1 && ratio <= 1e6, "compression_ratio", ratio, "between 1 (keep everything) and 1000000");
    }

    private static String rounded(double ratio) {
        return new BigDecimal(ratio)
                .round(new MathContext(4))
                .stripTrailingZeros()
                .toPlainString();
    }

    private static void requireAbove(String name, OptionalInt layer, List<Integer> sources) {
        require(layer.isEmpty() || layer.getAsInt() >= 0, name, shown(layer), "off, or a layer index");
        int last = sources.isEmpty() ? -1 : sources.get(sources.size() - 1);
        requireTogether(
                layer.isEmpty() || layer.getAsInt() > last,
                "parameter '%s' must be off or above every 'clie_layer' %s, got %s: from there on no attention is observed",
                name,
                sources,
                shown(layer));
    }

    private static String shown(OptionalInt layer) {
        return layer.isEmpty() ? "off" : Integer.toString(layer.getAsInt());
    }

    private static void require(boolean holds, String name, Object got, String expected) {
        if (!holds) {
            throw ServingException.invalid("parameter '%s' must be %s, got %s", name, expected, got);
        }
    }

    private static void requireTogether(boolean holds, String message, Object... arguments) {
        if (!holds) {
            throw ServingException.invalid(message, arguments);
        }
    }
}
