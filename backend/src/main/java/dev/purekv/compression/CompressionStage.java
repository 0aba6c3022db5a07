package dev.purekv.compression;

import dev.purekv.ServingException;
import dev.purekv.settings.KvPolicy;
import dev.purekv.settings.KvSettings;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The cut of one layer on its own, for pipelines whose prefill runs elsewhere: the same scorers, budgets and protection as
 * {@link PrefillCompression}, given the attention instead of observing it. Scores are computed in float32, as there.
 */
public final class CompressionStage {
    /**
     * One layer of a prompt of N tokens. All tensors are of one type: float32, float16 or bfloat16.
     *
     * @param attention (H, w, N): probabilities of the last w queries, H a multiple of G; or (G, N): these summed over the
     *     queries, mean over the query heads of each group; null for methods that look at none. For a method that takes its
     *     attention from other layers (PureKV), it is theirs.
     * @param keys (G, N, D)
     * @param values (G, N, D)
     */
    public record Input(Tensor attention, Tensor keys, Tensor values) {}

    /**
     * What is left.
     *
     * @param positions (G, K) int64, ascending
     * @param keys (G, K, D), rows of the input, bit for bit
     * @param values (G, K, D), rows of the input, bit for bit
     * @param note why less was cut than the ratio says; empty when it was met
     */
    public record Output(Tensor positions, Tensor keys, Tensor values, String note) {}

    private final KvSettings settings;
    private final int layer;
    private final int layers;

    /**
     * @param settings of which the source layers and what concerns sparse layers are not read
     * @param layer 0 for the lowest
     * @param layers L, whose total the budget shares out
     */
    public CompressionStage(KvSettings settings, int layer, int layers) {
        this.settings = settings;
        this.layer = layer;
        this.layers = layers;
    }

    /**
     * @param input of shapes that agree
     * @return in the caller's native scope
     * @throws ServingException INVALID_REQUEST for attention that is missing, of other queries than the method observes, or no
     *     finite number
     */
    public Output run(Input input) {
        Compression compression = Compression.of(settings);
        int tokens = Math.toIntExact(input.keys().size(1));
        CompressionPlan plan = compression.plan(layers, tokens);
        Tensor positions =
                plan.cuts(layer) ? choose(compression, input, plan.kept()[layer]) : everything(input.keys()); // (G, K)
        return new Output(positions, rows(input.keys(), positions), rows(input.values(), positions), plan.note());
    }

    private Tensor choose(Compression compression, Input input, int keep) {
        Tensor attention = attention(compression.scorer().observes(), input); // (G, N), or null
        // Some methods write their scores in the type of the keys, and half precision cannot count tokens.
        ScoredLayer scored = new ScoredLayer(layer, wide(input.keys()), wide(input.values()), attention);
        Tensor scores = compression.scorer().score(scored); // (G, N)
        if (!finite(scores)) {
            throw ServingException.invalid(
                    "the scores of 'kv_policy' %s are not all finite: expected values of finite length, got VALUES with NaN, infinity "
                            + "or numbers too large to square",
                    settings.policy().word());
        }
        return compression.protection().choose(scores, keep);
    }

    /** @return (G, N) float32, or null when none is observed */
    private Tensor attention(Observation observes, Input input) {
        if (observes == Observation.NOTHING) {
            return null;
        }
        Tensor given = input.attention();
        if (given == null) {
            throw ServingException.invalid(
                    "'kv_policy' %s needs the input OBSERVED_ATTENTION, and the request has none; send it, or choose value_norm, "
                            + "streaming_llm or random, which look at none",
                    settings.policy().word());
        }
        Tensor attention = wide(given);
        if (!finite(attention)) {
            throw ServingException.invalid("OBSERVED_ATTENTION must be finite numbers, got NaN or infinity among them");
        }
        if (attention.dim() == 2) {
            return attention;
        }
        requireQueries(observes, attention.size(1), attention.size(2));
        return ObservedAttention.reduced(attention, input.keys().size(0));
    }

    /** Methods that mean certain queries get those or nothing; for the others the caller decides which count. */
    private void requireQueries(Observation observes, long queries, long tokens) {
        if (observes == Observation.OWN_PROMPT && queries != tokens) {
            throw ServingException.invalid(
                    "'kv_policy' %s sums the attention of all queries: OBSERVED_ATTENTION must be [H,N,N] with N = %d, or sums "
                            + "[G,N], got %d queries",
                    settings.policy().word(), tokens, queries);
        }
        long window = Math.min(settings.observationTokens(), tokens);
        boolean fixed = settings.policy() == KvPolicy.SNAPKV || settings.policy() == KvPolicy.PYRAMIDKV;
        if (fixed && queries != window) {
            throw ServingException.invalid(
                    "'kv_policy' %s treats the last 'observation_tokens' of the prompt apart: OBSERVED_ATTENTION must hold %d "
                            + "queries, got %d; set 'observation_tokens' to %d, or send that many",
                    settings.policy().word(), window, queries, queries);
        }
    }

    private static boolean finite(Tensor numbers) {
        return numbers.isfinite().all().item_bool();
    }

    private static Tensor wide(Tensor tensor) {
        return tensor.to(ScalarType.Float);
    }

    /** @return (G, N) int64 */
    private static Tensor everything(Tensor keys) {
        return torch.arange(new Scalar(keys.size(1)), new TensorOptions(ScalarType.Long))
                .expand(keys.size(0), keys.size(1));
    }

    /**
     * Taken as whole numbers: a copy as half precision passes through float32 and changes the bits of some NaNs.
     *
     * @return (G, K, D)
     */
    private static Tensor rows(Tensor from, Tensor positions) {
        Tensor bits = from.view(from.element_size() == Short.BYTES ? ScalarType.Short : ScalarType.Int);
        return bits.gather(1, positions.unsqueeze(-1).expand(positions.size(0), positions.size(1), from.size(2)))
                .view(from.scalar_type());
    }
}
