package dev.purekv.model.qwen25vl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.NoNativeLeak;
import dev.purekv.attention.Attention;
import dev.purekv.attention.FusedAttention;
import dev.purekv.cache.KvCache;
import dev.purekv.compression.Compression;
import dev.purekv.compression.CompressionPlan;
import dev.purekv.compression.CompressionStage;
import dev.purekv.compression.PrefillCompression;
import dev.purekv.compression.PrefillWitness;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.Sequence;
import dev.purekv.model.decoder.DecoderModel;
import dev.purekv.settings.KvPolicy;
import dev.purekv.settings.KvSettings;
import dev.purekv.tensor.ComputeDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The stage on queries, keys and values of a real clip, as the demonstration model computes them. */
@ExtendWith(NoNativeLeak.class)
class StageParityTest {
    private static final Path CHECKPOINT = Path.of("..", "model-repository", "moving-digits", "1");
    private static final int LAYERS = 8;
    private static final int HEADS = 4;
    private static final int GROUPS = 2;
    private static final int WIDTH = 32;
    private static final int WINDOW = 8;
    private static final int TILE = 1 << 16; // the whole prompt at once

    /** Keeps what each layer hands to its attention; the last layer asks for its last token alone. */
    private static final class Recorder implements Attention {
        private final PointerScope scope; // the test's own
        private final List<Tensor> queries = new ArrayList<>(); // (N, H, D)
        private final List<Tensor> keys = new ArrayList<>(); // (G, N, D)
        private final List<Tensor> values = new ArrayList<>(); // (G, N, D)

        Recorder(PointerScope scope) {
            this.scope = scope;
        }

        @Override
        public Tensor causal(Tensor q, Tensor k, Tensor v) {
            queries.add(kept(q));
            keys.add(kept(k));
            values.add(kept(v));
            return new FusedAttention().causal(q, k, v);
        }

        private Tensor kept(Tensor tensor) {
            Tensor copy = tensor.clone();
            scope.attach(copy);
            return copy;
        }

        @Override
        public Tensor full(Tensor q, Tensor k, Tensor v) {
            return new FusedAttention().full(q, k, v);
        }
    }

    private static Recorder prefill() {
        Recorder recorder = new Recorder(PointerScope.getInnerScope());
        ModelPrompt prompt = Goldens.demonstration().prompt();
        try (DecoderModel model = Qwen25Vl.open(CHECKPOINT, ComputeDevice.CPU, recorder, 0, TILE);
                Sequence sequence = model.begin(prompt, 1, KvSettings.DEFAULT)) {
            sequence.prefill(() -> {});
        }
        assertThat(recorder.queries).as("one call a layer").hasSize(LAYERS);
        assertThat(recorder.keys.get(0).size(1)).isEqualTo(prompt.tokens());
        return recorder;
    }

    /** @return (H, w, N), the definition */
    private static Tensor probabilities(Tensor q, Tensor keys, long window) {
        long tokens = keys.size(1);
        List<Tensor> heads = new ArrayList<>();
        for (int head = 0; head < HEADS; head++) {
            Tensor own = q.select(1, head).narrow(0, tokens - window, window); // (w, D)
            Tensor scores = own.mm(keys.select(0, head / (HEADS / GROUPS)).t()).div(new Scalar(Math.sqrt(WIDTH)));
            Tensor hidden = torch.ones(window, tokens).triu(tokens - window + 1).to(ScalarType.Bool);
            heads.add(scores.masked_fill(hidden, new Scalar(Double.NEGATIVE_INFINITY))
                    .softmax(-1));
        }
        return torch.stack(new TensorVector(heads.toArray(Tensor[]::new)), 0);
    }

    private static KvCache serve(Recorder recorded, KvSettings kv, int tokens, int layers) {
        Compression compression = Compression.of(kv);
        CompressionPlan plan = compression.plan(LAYERS, tokens);
        KvCache cache = KvCache.reserve(new KvCache.Shape(LAYERS, GROUPS, tokens, WIDTH), ComputeDevice.CPU);
        PrefillCompression prefill =
                new PrefillCompression(compression, plan, 0, torch.zeros(GROUPS, tokens), PrefillWitness.NONE);
        for (int layer = 0; layer < layers; layer++) {
            cache.layer(layer)
                    .append(
                            recorded.keys.get(layer).transpose(0, 1),
                            recorded.values.get(layer).transpose(0, 1));
            prefill.afterAttention(layer, recorded.queries.get(layer), cache);
        }
        return cache;
    }

    @ParameterizedTest
    @EnumSource
    void keepsOfARealClipWhatServingKeeps(KvPolicy policy) {
        Recorder recorded = prefill();
        int tokens = (int) recorded.keys.get(0).size(1);
        KvSettings kv = KvSettings.read(
                        Map.of(
                                "kv_policy",
                                policy.word(),
                                "compression_ratio",
                                5,
                                "recent_tokens",
                                4,
                                "observation_tokens",
                                WINDOW,
                                "clie_layer",
                                2),
                        KvSettings.DEFAULT)
                .resolved(LAYERS);
        int layers = LAYERS - 1; // all whose queries were computed whole
        try (KvCache served = serve(recorded, kv, tokens, layers)) {
            for (int layer = 0; layer < layers; layer++) {
                int source = policy == KvPolicy.PUREKV ? 2 : layer;
                Tensor attention = probabilities(
                        recorded.queries.get(source),
                        recorded.keys.get(source),
                        policy == KvPolicy.H2O ? tokens : WINDOW);
                CompressionStage.Output found = new CompressionStage(kv, layer, LAYERS)
                        .run(new CompressionStage.Input(
                                attention, recorded.keys.get(layer), recorded.values.get(layer)));
                assertThat(found.keys().equal(served.layer(layer).keys()))
                        .as("keys of layer " + layer)
                        .isTrue();
                assertThat(found.values().equal(served.layer(layer).values()))
                        .as("values of layer " + layer)
                        .isTrue();
            }
        }
    }
}
