package dev.purekv.model.qwen25vl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.purekv.NoNativeLeak;
import dev.purekv.attention.sparse.SparseReach;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.Sequence;
import dev.purekv.model.decoder.DecoderModel;
import dev.purekv.settings.KvSettings;
import dev.purekv.tensor.ComputeDevice;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole prompts read with sparse layers. */
@ExtendWith(NoNativeLeak.class)
class Qwen25VlSparseTest {
    private static final int LAYERS = 3;

    private DecoderModel model;

    @BeforeEach
    void openModel() {
        model = Qwen25Vl.open(Goldens.directory().resolve("untied"), ComputeDevice.CPU, 0);
    }

    @AfterEach
    void closeModel() {
        model.close();
    }

    static List<Goldens.SparseCase> cases() {
        return Goldens.sparse();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheReferenceUnderTheSameMask(Goldens.SparseCase golden) {
        try (Sequence sequence = model.begin(golden.prompt(), 0, golden.firstLayer(), golden.reach())) {
            assertThat(values(sequence.prefill(() -> {}))).containsExactly(golden.logits(), within(Goldens.LOGITS));
        }
    }

    @Test
    void isTheSameBitForBitWhenNoLayerIsSparse() {
        Goldens.Case video = Goldens.named("video-one-second");
        try (Sequence dense = model.begin(video.prompt(), 0);
                Sequence none = model.begin(video.prompt(), 0, LAYERS, SparseReach.FULL);
                Sequence sparse = model.begin(video.prompt(), 0, 0, SparseReach.FULL)) {
            float[] expected = values(dense.prefill(() -> {}));
            assertThat(values(none.prefill(() -> {}))).isEqualTo(expected);
            assertThat(values(sparse.prefill(() -> {}))).isNotEqualTo(expected);
        }
    }

    @Test
    void settingsReachTheAttention() {
        Goldens.Case video = Goldens.named("video-one-second");
        for (String off : new String[] {"none", "spatial", "temporal"}) {
            Map<String, String> settings =
                    new HashMap<>(Map.of("clie_layer", "0", "sparse_attention_layer", "1", "temporal_window", "1"));
            settings.put(off.equals("none") ? "spatial" : off, Boolean.toString(off.equals("none")));
            SparseReach reach = new SparseReach(!off.equals("spatial"), !off.equals("temporal"), 1);
            try (Sequence named = model.begin(video.prompt(), 0, KvSettings.read(settings, KvSettings.DEFAULT));
                    Sequence direct = model.begin(video.prompt(), 0, 1, reach)) {
                assertThat(values(named.prefill(() -> {}))).isEqualTo(values(direct.prefill(() -> {})));
            }
        }
    }

    @Test
    void decodesDenselyAfterASparsePrefill() {
        // A generated token is text: it sees everything, as it would at the end of the prompt.
        ModelPrompt prompt = Goldens.named("image-and-video").prompt();
        int[] longer = Arrays.copyOf(prompt.ids(), prompt.tokens() + 1);
        longer[prompt.tokens()] = 17;
        try (Sequence stepwise = model.begin(prompt, 1, 1, SparseReach.FULL);
                Sequence whole = model.begin(new ModelPrompt(longer, prompt.visuals()), 0, 1, SparseReach.FULL)) {
            stepwise.prefill(() -> {});
            assertThat(values(stepwise.decode(17)))
                    .containsExactly(values(whole.prefill(() -> {})), within(Goldens.LOGITS));
        }
    }

    @Test
    void refusesALayerBelowTheFirst() {
        ModelPrompt prompt = Goldens.named("video-one-second").prompt();
        assertThatThrownBy(() -> model.begin(prompt, 0, -1, SparseReach.FULL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 0, got -1");
    }

    private static float[] values(Tensor logits) {
        float[] values = new float[(int) logits.numel()];
        logits.data_ptr_float().get(values);
        return values;
    }
}
