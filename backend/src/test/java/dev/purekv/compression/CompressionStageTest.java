package dev.purekv.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.NoNativeLeak;
import dev.purekv.ServingException;
import dev.purekv.cache.KvCache;
import dev.purekv.settings.KvPolicy;
import dev.purekv.settings.KvSettings;
import dev.purekv.tensor.ComputeDevice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoNativeLeak.class)
class CompressionStageTest {
    private static final int LAYERS = 4;
    private static final int HEADS = 6;
    private static final int GROUPS = 2;
    private static final int WIDTH = 8;

    private static KvSettings settings(KvPolicy policy, double ratio, String... more) {
        Map<String, Object> values = new HashMap<>(Map.of(
                "kv_policy", policy.word(), "compression_ratio", ratio, "recent_tokens", 8, "observation_tokens", 16));
        for (int i = 0; i < more.length; i += 2) {
            values.put(more[i], more[i + 1]);
        }
        return KvSettings.read(values, KvSettings.DEFAULT);
    }

    /** One layer of a prefill: q (N, H, D), k and v (G, N, D). */
    private record Layer(Tensor q, Tensor k, Tensor v) {}

    private static List<Layer> prefill(int tokens) {
        torch.manual_seed(tokens);
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < LAYERS; i++) {
            layers.add(new Layer(
                    torch.randn(tokens, HEADS, WIDTH).mul(new Scalar(2)),
                    torch.randn(GROUPS, tokens, WIDTH),
                    torch.randn(GROUPS, tokens, WIDTH)));
        }
        return layers;
    }

    /** @return (H, w, N), by the definition and with no tiles */
    private static Tensor probabilities(Layer layer, int window) {
        long tokens = layer.q().size(0);
        Tensor keys = layer.k().repeat_interleave(HEADS / GROUPS, new org.bytedeco.pytorch.LongOptional(0L), null);
        Tensor scores = layer.q().transpose(0, 1).bmm(keys.transpose(1, 2)).div(new Scalar(Math.sqrt(WIDTH)));
        Tensor hidden = torch.ones(tokens, tokens).triu(1).to(ScalarType.Bool);
        return scores.masked_fill(hidden, new Scalar(Double.NEGATIVE_INFINITY))
                .softmax(-1)
                .narrow(1, tokens - window, window)
                .contiguous();
    }

    /** The cut that serving makes, of the whole prefill. */
    private static KvCache fused(List<Layer> layers, KvSettings settings) {
        int tokens = (int) layers.get(0).q().size(0);
        Compression compression = Compression.of(settings);
        CompressionPlan plan = compression.plan(LAYERS, tokens);
        KvCache cache = KvCache.reserve(new KvCache.Shape(LAYERS, GROUPS, tokens, WIDTH), ComputeDevice.CPU);
        PrefillCompression prefill =
                new PrefillCompression(compression, plan, 0, torch.zeros(GROUPS, tokens), PrefillWitness.NONE);
        for (int i = 0; i < LAYERS; i++) {
            Layer layer = layers.get(i);
            cache.layer(i).append(layer.k().transpose(0, 1), layer.v().transpose(0, 1));
            prefill.afterAttention(i, layer.q(), cache);
        }
        return cache;
    }

    private static void assertSameAsFused(KvPolicy policy, int tokens, boolean reduced, String... more) {
        KvSettings settings = settings(policy, 3, more).resolved(LAYERS);
        List<Layer> layers = prefill(tokens);
        int window = policy == KvPolicy.H2O ? tokens : Math.min(tokens, 16);
        try (KvCache expected = fused(layers, settings)) {
            for (int i = 0; i < LAYERS; i++) {
                int observed = policy == KvPolicy.PUREKV ? settings.clieLayers().get(0) : i;
                Tensor whole = probabilities(layers.get(observed), window);
                Tensor attention = reduced
                        ? whole.view(GROUPS, HEADS / GROUPS, window, tokens)
                                .sum(1, 2)
                                .div(new Scalar(HEADS / GROUPS))
                        : whole;
                Layer layer = layers.get(i);
                CompressionStage.Output found = new CompressionStage(settings, i, LAYERS)
                        .run(new CompressionStage.Input(attention, layer.k(), layer.v()));
                assertThat(found.keys().equal(expected.layer(i).keys()))
                        .as("keys of layer " + i)
                        .isTrue();
                assertThat(found.values().equal(expected.layer(i).values()))
                        .as("values of layer " + i)
                        .isTrue();
                Tensor rows = found.positions()
                        .unsqueeze(-1)
                        .expand(GROUPS, found.keys().size(1), WIDTH);
                assertThat(layer.k().gather(1, rows).equal(found.keys())).isTrue();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void keepsWhatServingKeeps(KvPolicy policy) {
        for (int tokens : new int[] {30, 100, 211}) {
            assertSameAsFused(policy, tokens, false, "clie_layer", "1");
            assertSameAsFused(policy, tokens, true, "clie_layer", "1");
            assertSameAsFused(policy, tokens, true, "clie_layer", "2", "head_scores", "per_head");
            assertSameAsFused(policy, tokens, false, "clie_layer", "0", "layer_budgets", "pyramid", "sink_tokens", "0");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16, 100})
    void pureKvTakesTheAttentionOfAnyNumberOfQueries(int window) {
        Layer layer = prefill(100).get(0);
        Tensor attention = probabilities(layer, window);
        Tensor received = ObservedAttention.received(layer.q().narrow(0, 100 - window, window), layer.k());
        CompressionStage stage = new CompressionStage(settings(KvPolicy.PUREKV, 4), 0, 1);
        Tensor found = stage.run(new CompressionStage.Input(attention, layer.k(), layer.v()))
                .positions();
        Tensor expected = stage.run(new CompressionStage.Input(received, layer.k(), layer.v()))
                .positions();
        assertThat(found.equal(expected)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"Half", "BFloat16"})
    void ranksHalfPrecisionAsItsFloat32AndCopiesItsBits(ScalarType type) {
        Layer layer = prefill(3000).get(0);
        Tensor k = layer.k().to(type);
        Tensor v = layer.v().to(type);
        Tensor attention = torch.rand(HEADS, 16, 3000).to(type);
        for (KvPolicy policy : KvPolicy.values()) {
            if (policy == KvPolicy.H2O) {
                continue; // 3,000 queries: nothing that the others do not show
            }
            CompressionStage stage = new CompressionStage(settings(policy, 5), 1, LAYERS);
            CompressionStage.Output found = stage.run(new CompressionStage.Input(attention, k, v));
            CompressionStage.Output wide = stage.run(new CompressionStage.Input(
                    attention.to(ScalarType.Float), k.to(ScalarType.Float), v.to(ScalarType.Float)));
            assertThat(found.positions().equal(wide.positions()))
                    .as(policy.word())
                    .isTrue();
            assertThat(found.keys().scalar_type().intern()).isEqualTo(type);
            assertThat(found.values().to(ScalarType.Float).equal(wide.values())).isTrue();
        }
    }

    @Test
    void whatIsNotRankedMayBeAnyBits() {
        Layer layer = prefill(40).get(0);
        Tensor keys = torch.full(new long[] {GROUPS, 40, WIDTH}, new Scalar(Float.NaN));
        CompressionStage.Output found = new CompressionStage(settings(KvPolicy.VALUE_NORM, 2), 0, 1)
                .run(new CompressionStage.Input(null, keys, layer.v()));
        assertThat(found.keys().isnan().all().item_bool()).isTrue();
        assertThat(found.positions().shape()).containsExactly(GROUPS, 20);
    }

    @Test
    void aRatioOfOneKeepsEverythingAndReadsNoAttention() {
        Layer layer = prefill(40).get(0);
        CompressionStage.Output found = new CompressionStage(settings(KvPolicy.PUREKV, 1), 0, 1)
                .run(new CompressionStage.Input(null, layer.k(), layer.v()));
        assertThat(found.keys().equal(layer.k())).isTrue();
        assertThat(found.values().equal(layer.v())).isTrue();
        assertThat(Tensors.longs(found.positions().select(0, 1)))
                .startsWith(0, 1, 2)
                .hasSize(40)
                .isSorted();
        assertThat(found.note()).contains("compression_ratio 1");
    }

    @Test
    void saysWhenTheRatioIsNotMet() {
        Layer layer = prefill(30).get(0);
        assertThat(new CompressionStage(settings(KvPolicy.VALUE_NORM, 10), 0, 1)
                        .run(new CompressionStage.Input(null, layer.k(), layer.v()))
                        .note())
                .contains("would keep 3 of 30 tokens");
    }

    private static void refused(KvPolicy policy, Tensor attention, Layer layer, String... message) {
        assertThatThrownBy(() -> new CompressionStage(settings(policy, 3), 0, 1)
                        .run(new CompressionStage.Input(attention, layer.k(), layer.v())))
                .isInstanceOfSatisfying(
                        ServingException.class,
                        e -> assertThat(e.code()).isEqualTo(ServingException.Code.INVALID_REQUEST))
                .hasMessageContainingAll(message);
    }

    @Test
    void refusesAttentionThatAMethodCannotUse() {
        Layer layer = prefill(100).get(0);
        refused(KvPolicy.PUREKV, null, layer, "purekv needs the input OBSERVED_ATTENTION");
        refused(KvPolicy.H2O, torch.rand(HEADS, 99, 100), layer, "all queries", "N = 100", "got 99");
        refused(KvPolicy.SNAPKV, torch.rand(HEADS, 15, 100), layer, "16 queries, got 15", "'observation_tokens' to 15");
        refused(KvPolicy.PYRAMIDKV, torch.rand(HEADS, 17, 100), layer, "16 queries, got 17");
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void refusesNumbersThatRankNothing(float number) {
        Layer layer = prefill(100).get(0);
        Tensor attention = torch.rand(HEADS, 16, 100);
        attention.narrow(2, 7, 1).fill_(new Scalar(number));
        refused(KvPolicy.ORACLE, attention, layer, "OBSERVED_ATTENTION must be finite");
        refused(KvPolicy.PUREKV, attention.narrow(0, 0, GROUPS).select(1, 0).contiguous(), layer, "must be finite");
        layer.v().narrow(1, 50, 1).fill_(new Scalar(number));
        refused(KvPolicy.VALUE_NORM, null, layer, "VALUES with NaN");
    }
}
