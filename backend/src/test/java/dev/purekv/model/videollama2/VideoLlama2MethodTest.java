package dev.purekv.model.videollama2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.purekv.NoNativeLeak;
import dev.purekv.attention.FusedAttention;
import dev.purekv.attention.sparse.SparseReach;
import dev.purekv.compression.KeptTokens;
import dev.purekv.compression.PrefillWitness;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.PrefillReport;
import dev.purekv.model.Sequence;
import dev.purekv.model.VisualSpan;
import dev.purekv.model.decoder.DecoderModel;
import dev.purekv.model.videollama2.input.OriginalCases;
import dev.purekv.settings.KvPolicy;
import dev.purekv.settings.KvSettings;
import dev.purekv.tensor.ComputeDevice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The whole method on both generations: 4 layers, 4 query and 2 key/value heads of width 16. */
@ExtendWith(NoNativeLeak.class)
class VideoLlama2MethodTest {
    private static final int LAYERS = 4;
    private static final long ENTRY = 2L * 2 * 16 * Float.BYTES; // key and value of one token in one layer
    private static final int TILE = 32; // tokens: so that all prompts here take several
    private static final int[] ANSWER = {50, 300, 120};

    private TinyCheckpoint checkpoint;
    private DecoderModel model;
    private ModelPrompt clip;
    private OriginalCases.Case golden;

    private void open(String of) {
        golden = OriginalCases.named(of, "clip");
        checkpoint = TinyCheckpoint.open(of, golden.frames());
        model = VideoLlama2.open(checkpoint.directory(), ComputeDevice.CPU, new FusedAttention(), TILE);
        try (LoadedModel loaded = checkpoint.under(false)) {
            clip = loaded.encoder().encode(golden.conversation(checkpoint.code()));
        }
    }

    @AfterEach
    void close() {
        model.close();
        checkpoint.close();
    }

    static List<Arguments> policies() {
        List<Arguments> all = new ArrayList<>();
        for (String of : List.of("mistral", "qwen2")) {
            for (KvPolicy policy : KvPolicy.values()) {
                all.add(Arguments.of(of, policy));
            }
        }
        return all;
    }

    private static KvSettings kv(Object... settings) {
        Map<String, Object> values =
                new HashMap<>(Map.of("recent_tokens", 4, "observation_tokens", 4, "layer_budgets", "uniform"));
        for (int i = 0; i < settings.length; i += 2) {
            values.put((String) settings[i], settings[i + 1]);
        }
        return KvSettings.read(values, KvSettings.DEFAULT);
    }

    private List<Tensor> logits(KvSettings kv) {
        try (Sequence sequence = model.begin(clip, ANSWER.length, kv)) {
            List<Tensor> logits = new ArrayList<>(List.of(sequence.prefill(() -> {})));
            for (int token : ANSWER) {
                logits.add(sequence.decode(token));
            }
            return logits;
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void aRatioOfOneIsTheFullCacheBitForBit(String of, KvPolicy policy) {
        open(of);
        List<Tensor> found = logits(kv("kv_policy", policy.word(), "compression_ratio", 1));
        List<Tensor> full = logits(kv("kv_policy", "full"));
        for (int i = 0; i <= ANSWER.length; i++) {
            assertThat(found.get(i).equal(full.get(i))).as("step " + i).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void keepsWhatTheRatioSaysAndChangesWhatFollows(String of, KvPolicy policy) {
        open(of);
        KvSettings cut = kv("kv_policy", policy.word(), "compression_ratio", 4);
        int kept = policy == KvPolicy.FULL ? clip.tokens() : (clip.tokens() + 3) / 4;
        try (Sequence sequence = model.begin(clip, 1, cut)) {
            sequence.prefill(() -> {});
            assertThat(sequence.report().cacheBytes()).isEqualTo(LAYERS * ENTRY * kept);
            assertThat(sequence.report().fullCacheBytes()).isEqualTo(LAYERS * ENTRY * clip.tokens());
            assertThat(sequence.cacheBytes()).isLessThanOrEqualTo(model.peakCacheBytes(clip, 1, cut));
        }
        List<Tensor> full = logits(kv("kv_policy", "full"));
        List<Tensor> less = logits(cut);
        assertThat(difference(less.get(0), full.get(0))).isLessThan(OriginalCases.CLOSE);
        assertThat(difference(less.get(1), full.get(1)) > 10 * OriginalCases.CLOSE)
                .isEqualTo(policy != KvPolicy.FULL);
    }

    private static float difference(Tensor a, Tensor b) {
        return a.sub(b).abs().max().item_float();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mistral", "qwen2"})
    void sparseLayersAgreeWithTheOriginalUnderTheirMask(String of) {
        open(of);
        JsonNode cases = golden.node().path("sparse");
        assertThat(cases).hasSize(5);
        for (JsonNode each : cases) {
            SparseReach reach = new SparseReach(
                    each.path("spatial").asBoolean(),
                    each.path("temporal").asBoolean(),
                    each.path("window").asInt());
            try (Sequence sequence =
                    model.begin(clip, 0, each.path("firstLayer").asInt(), reach)) {
                float[] expected = new float[each.path("logits").size()];
                for (int i = 0; i < expected.length; i++) {
                    expected[i] = (float) each.path("logits").path(i).asDouble();
                }
                float[] found = new float[expected.length];
                sequence.prefill(() -> {}).data_ptr_float().get(found);
                assertThat(found)
                        .as("%s from layer %s", reach, each.path("firstLayer"))
                        .containsExactly(expected, within(OriginalCases.CLOSE));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mistral", "qwen2"})
    void prunedTokensAreNeitherComputedNorCached(String of) {
        open(of);
        // All text and half of the visual tokens.
        int kept = clip.tokens() - visual().tokens() / 2;
        KvSettings pruned =
                kv("compression_ratio", (double) clip.tokens() / kept, "clie_layer", "0", "token_pruning_layer", "2");
        try (Sequence sequence = model.begin(clip, 1, pruned)) {
            sequence.prefill(() -> {});
            assertThat(sequence.report().cacheBytes()).isEqualTo(LAYERS * ENTRY * kept);
            assertThat(sequence.report().note()).isEmpty();
        }
        List<Tensor> full = logits(kv("kv_policy", "full"));
        assertThat(difference(logits(pruned).get(0), full.get(0)))
                .as("the prompt itself is read with fewer tokens")
                .isGreaterThan(10 * OriginalCases.CLOSE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mistral", "qwen2"})
    void saysWhereTheKeptTokensStandInTheClip(String of) {
        open(of);
        boolean mistral = of.equals("mistral");
        VisualSpan visual = visual();
        assertThat(visual.frames()).isEqualTo(golden.frames());
        assertThat(visual.slices()).isEqualTo(mistral ? 5 : 8);
        assertThat(visual.rows()).isEqualTo(visual.columns()).isEqualTo(mistral ? 3 : 2);
        assertThat(visual.firstFrame()).isEqualTo(mistral ? -1 : 0);
        assertThat(visual.framesPerSlice()).isEqualTo(2);
        assertThat(visual.start()).isEqualTo(firstVisual());
        KeptTokens kept = new KeptTokens();
        prefill(kv("compression_ratio", 4), kept);
        double shares = 0;
        for (int token = 0; token < clip.tokens(); token++) {
            shares += kept.share(LAYERS - 1, token);
        }
        assertThat(shares).isEqualTo((clip.tokens() + 3) / 4, within(1e-9));
    }

    private int firstVisual() {
        int first = 0;
        while (clip.ids()[first] >= 0) {
            first++;
        }
        return first;
    }

    private VisualSpan visual() {
        return prefill(kv("kv_policy", "full"), PrefillWitness.NONE).visuals().get(0);
    }

    private PrefillReport prefill(KvSettings kv, PrefillWitness witness) {
        try (Sequence sequence = model.begin(clip, 1, kv)) {
            sequence.prefill(() -> {}, witness);
            return sequence.report();
        }
    }
}
