package dev.purekv.model.qwen25vl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.NoNativeLeak;
import dev.purekv.ServingException;
import dev.purekv.attention.Attention;
import dev.purekv.attention.FusedAttention;
import dev.purekv.attention.ReferenceAttention;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.PrefillReport;
import dev.purekv.model.Sequence;
import dev.purekv.model.decoder.DecoderModel;
import dev.purekv.settings.KvPolicy;
import dev.purekv.settings.KvSettings;
import dev.purekv.tensor.ComputeDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The demonstration checkpoint: 8 layers, 4 query and 2 key/value heads of width 32. */
@ExtendWith(NoNativeLeak.class)
class Qwen25VlCompressionTest {
    private static final Path CHECKPOINT = Path.of("..", "model-repository", "moving-digits", "1");
    private static final int LAYERS = 8;
    private static final long ENTRY = 2L * 2 * 32 * Float.BYTES; // key and value of one token in one layer
    private static final int ROOM = 4;

    private final ModelPrompt video = Goldens.demonstration().prompt();
    private DecoderModel model;

    @BeforeEach
    void openModel() {
        model = Qwen25Vl.open(CHECKPOINT, ComputeDevice.CPU, 0);
    }

    @AfterEach
    void closeModel() {
        model.close();
    }

    private static KvSettings kv(KvPolicy policy, double ratio, String... more) {
        Map<String, Object> values = new HashMap<>(Map.of(
                "kv_policy", policy.word(), "compression_ratio", ratio, "recent_tokens", 4, "observation_tokens", 4));
        for (int i = 0; i < more.length; i += 2) {
            values.put(more[i], more[i + 1]);
        }
        return KvSettings.read(values, KvSettings.DEFAULT);
    }

    /** Logits after the prompt and after each of {@link #ROOM} tokens. */
    private List<Tensor> logits(ModelPrompt prompt, KvSettings kv) {
        try (Sequence sequence = model.begin(prompt, ROOM, kv)) {
            List<Tensor> logits = new ArrayList<>(List.of(sequence.prefill(() -> {})));
            for (int token = 0; token < ROOM; token++) {
                logits.add(sequence.decode(100 + token));
            }
            return logits;
        }
    }

    private static void assertSameBits(List<Tensor> found, List<Tensor> expected) {
        for (int i = 0; i < expected.size(); i++) {
            assertThat(found.get(i).equal(expected.get(i)))
                    .as("logits of step " + i)
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRatioOfOneIsTheFullCacheBitForBit(KvPolicy policy) {
        assertSameBits(logits(video, kv(policy, 1)), logits(video, kv(KvPolicy.FULL, 5)));
    }

    @ParameterizedTest
    @EnumSource
    void theSameRequestGivesTheSameBits(KvPolicy policy) {
        assertSameBits(logits(video, kv(policy, 5)), logits(video, kv(policy, 5)));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FULL")
    void cuttingLeavesTheFirstTokenAndChangesTheNext(KvPolicy policy) {
        List<Tensor> full = logits(video, kv(KvPolicy.FULL, 1));
        List<Tensor> cut = logits(video, kv(policy, 5));
        // The last layer may compute more rows at a time: the same sums in another order.
        assertThat(cut.get(0).sub(full.get(0)).abs().max().item_float()).isLessThan(Goldens.LOGITS);
        assertThat(cut.get(1).sub(full.get(1)).abs().max().item_float()).isGreaterThan(10 * Goldens.LOGITS);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FULL")
    void holdsExactlyWhatTheRatioSaysInAllLayers(KvPolicy policy) {
        int kept = (int) Math.ceil(video.tokens() / 4.0);
        try (Sequence sequence = model.begin(video, ROOM, kv(policy, 4))) {
            sequence.prefill(() -> {});
            assertThat(sequence.cacheBytes()).isEqualTo(LAYERS * ENTRY * (kept + ROOM));
            PrefillReport report = sequence.report();
            assertThat(report.policy()).isEqualTo(policy);
            assertThat(report.cacheBytes()).isEqualTo(LAYERS * ENTRY * kept);
            assertThat(report.fullCacheBytes()).isEqualTo(LAYERS * ENTRY * video.tokens());
            assertThat(report.promptTokens()).isEqualTo(video.tokens());
            assertThat(report.visualTokens()).isBetween(1, video.tokens() - 1);
            assertThat(report.note()).isEmpty();
            assertThat(report.scoring()).isPositive().isLessThan(report.language());
            sequence.decode(100);
            assertThat(sequence.cacheBytes()).isEqualTo(LAYERS * ENTRY * (kept + ROOM));
        }
    }

    @Test
    void besidesTheWaitingLayersOneAtMostIsFull() {
        int kept = (int) Math.ceil(video.tokens() / 5.0) + ROOM;
        assertThat(bytesBeforeEachLayer(kv(KvPolicy.VALUE_NORM, 5)))
                .containsExactly(LongStream.range(0, LAYERS)
                        .map(layer -> layer * kept * ENTRY)
                        .boxed()
                        .toArray(Long[]::new));
        // Layers 0 and 1 wait for layer 2; from there on each is cut when it has run.
        assertThat(bytesBeforeEachLayer(kv(KvPolicy.PUREKV, 5, "clie_layer", "2,4")))
                .containsExactly(LongStream.range(0, LAYERS)
                        .map(layer -> layer * (layer <= 2 ? video.tokens() : kept) * ENTRY)
                        .boxed()
                        .toArray(Long[]::new));
    }

    @ParameterizedTest
    @EnumSource
    void neverHoldsMoreThanThePeakThatItAnnounced(KvPolicy policy) {
        for (KvSettings kv : List.of(kv(policy, 1), kv(policy, 5), kv(policy, 5, "clie_layer", "2,4"))) {
            long peak = model.peakCacheBytes(video, ROOM, kv);
            assertThat(bytesBeforeEachLayer(kv)).allMatch(bytes -> bytes <= peak);
        }
    }

    @Test
    void thePeakIsOneFullLayerAboveTheKeptRestAndTheLayerBeingCut() {
        long kept = (video.tokens() + 4) / 5;
        assertThat(model.peakCacheBytes(video, ROOM, kv(KvPolicy.VALUE_NORM, 5)))
                .isEqualTo(((kept + ROOM) * LAYERS + video.tokens()) * ENTRY);
        // Layers 0 and 1 are full while the source layer 2 is.
        assertThat(model.peakCacheBytes(video, ROOM, kv(KvPolicy.PUREKV, 2, "clie_layer", "2,4")))
                .isEqualTo(Math.max(
                        (3L * video.tokens() + (video.tokens() + 1) / 2 + ROOM) * ENTRY,
                        ((video.tokens() + 1) / 2 + ROOM) * LAYERS * ENTRY + video.tokens() * ENTRY));
        assertThat(model.peakCacheBytes(video, ROOM, kv(KvPolicy.FULL, 1)))
                .isEqualTo((video.tokens() + ROOM) * LAYERS * ENTRY);
    }

    private List<Long> bytesBeforeEachLayer(KvSettings kv) {
        List<Long> bytes = new ArrayList<>();
        try (Sequence sequence = model.begin(video, ROOM, kv)) {
            sequence.prefill(() -> bytes.add(sequence.cacheBytes()));
        }
        return bytes.subList(bytes.size() - LAYERS, bytes.size());
    }

    /**
     * A model that never cuts but looks, for each generated token, at the sinks, the latest prompt tokens and what was
     * generated alone: if positions followed the shortened cache, the two would differ.
     */
    @Test
    void generatedTokensContinueAtTheirPositionInTheWholeSequence() {
        ModelPrompt prompt = text(200);
        KvSettings kv = kv(KvPolicy.STREAMING_LLM, 4, "sink_tokens", "4");
        List<Tensor> cut = logits(prompt, kv);
        model.close();
        model = Qwen25Vl.open(CHECKPOINT, ComputeDevice.CPU, new Narrowed(200, 4, 46), 0, 0);
        List<Tensor> narrowed = logits(prompt, kv(KvPolicy.FULL, 1));
        for (int i = 0; i <= ROOM; i++) {
            assertThat(cut.get(i).sub(narrowed.get(i)).abs().max().item_float())
                    .as("step " + i)
                    .isLessThan(Goldens.LOGITS);
        }
    }

    /** Attention that hides the prompt between its sinks and its latest tokens from what comes after it. */
    private record Narrowed(int prompt, int sinks, int recents) implements Attention {
        @Override
        public Tensor causal(Tensor q, Tensor k, Tensor v) {
            if (k.size(1) <= prompt) {
                return new FusedAttention().causal(q, k, v);
            }
            Tensor seen = Tensor.create(LongStream.range(0, k.size(1))
                    .filter(i -> i < sinks || i >= prompt - recents)
                    .toArray());
            return new ReferenceAttention().causal(q, k.index_select(1, seen), v.index_select(1, seen));
        }

        @Override
        public Tensor full(Tensor q, Tensor k, Tensor v) {
            return new FusedAttention().full(q, k, v);
        }
    }

    @Test
    void aShortPromptIsKeptWholeAndTheReportSaysWhy() {
        try (Sequence sequence = model.begin(text(8), ROOM, kv(KvPolicy.PUREKV, 5))) {
            sequence.prefill(() -> {});
            assertThat(sequence.report().cacheBytes())
                    .isEqualTo(sequence.report().fullCacheBytes());
            assertThat(sequence.report().note()).contains("8 tokens").contains("everything is kept");
        }
    }

    @ParameterizedTest
    @EnumSource
    void stopsBetweenAnyTwoLayersWithoutALeak(KvPolicy policy) {
        for (int stop = 1; stop <= LAYERS; stop++) {
            AtomicInteger left = new AtomicInteger(stop);
            try (Sequence sequence = model.begin(text(100), ROOM, kv(policy, 5))) {
                assertThatThrownBy(() -> sequence.prefill(() -> stopAt(left))).isInstanceOf(ServingException.class);
                assertThatThrownBy(sequence::report).isInstanceOf(IllegalStateException.class);
            }
        }
    }

    @Test
    void refusesASourceLayerThatTheModelDoesNotHave() {
        assertThatThrownBy(() -> model.begin(text(10), 1, kv(KvPolicy.PUREKV, 5, "clie_layer", "8")))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining("'clie_layer' must be below 8");
    }

    private static ModelPrompt text(int tokens) {
        return new ModelPrompt(new Random(1).ints(tokens, 0, 250).toArray(), List.of());
    }

    private static void stopAt(AtomicInteger left) {
        if (left.decrementAndGet() == 0) {
            throw ServingException.cancelled("stopped by the test");
        }
    }
}
