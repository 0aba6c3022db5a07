package dev.purekv.model.qwen25vl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.NoNativeLeak;
import dev.purekv.ServingException;
import dev.purekv.attention.Attention;
import dev.purekv.attention.FusedAttention;
import dev.purekv.checkpoint.Checkpoint;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.PrefillReport;
import dev.purekv.model.Sequence;
import dev.purekv.model.decoder.DecoderModel;
import dev.purekv.model.decoder.PromptLayout;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Token pruning within whole prompts; a random checkpoint of 6 layers, 4 query and 2 key/value heads of width 16. */
@ExtendWith(NoNativeLeak.class)
class Qwen25VlPruningTest {
    private static final int LAYERS = 6;
    private static final long ENTRY = 2L * 2 * 16 * Float.BYTES; // key and value of one token in one layer
    private static final int[] ANSWER = {7, 3, 99, 42};
    private static final int TILE = 16; // tokens: so that all prompts here take several

    @TempDir
    private Path directory;

    private DecoderModel model;

    @BeforeEach
    void openModel() {
        RandomCheckpoint.write(directory, LAYERS, 5);
        model = open(new FusedAttention(), TILE);
    }

    @AfterEach
    void closeModel() {
        model.close();
    }

    private DecoderModel open(Attention attention, int tile) {
        return Qwen25Vl.open(directory, ComputeDevice.CPU, attention, 0, tile);
    }

    private static KvSettings kv(Object... settings) {
        Map<String, Object> values = new HashMap<>(Map.of("recent_tokens", 4, "observation_tokens", 4));
        for (int i = 0; i < settings.length; i += 2) {
            values.put((String) settings[i], settings[i + 1]);
        }
        return KvSettings.read(values, KvSettings.DEFAULT).resolved(LAYERS);
    }

    private static ModelPrompt video() {
        return new RandomPrompt(3).text(5).visual(8, 6, 6).text(9).done(); // 72 visual tokens among 86
    }

    private static List<Tensor> logits(DecoderModel model, ModelPrompt prompt, KvSettings kv) {
        try (Sequence sequence = model.begin(prompt, ANSWER.length, kv)) {
            List<Tensor> logits = new ArrayList<>(List.of(sequence.prefill(() -> {})));
            for (int token : ANSWER) {
                logits.add(sequence.decode(token));
            }
            return logits;
        }
    }

    private static float distance(List<Tensor> a, List<Tensor> b) {
        assertThat(a).hasSameSizeAs(b);
        float distance = 0;
        for (int i = 0; i < a.size(); i++) {
            distance = Math.max(distance, a.get(i).sub(b.get(i)).abs().max().item_float());
        }
        return distance;
    }

    private PlainPruning.Result plainly(ModelPrompt prompt, KvSettings kv) {
        Qwen25VlConfig config = Qwen25VlConfig.read(directory.resolve("config.json"));
        try (Checkpoint checkpoint = Checkpoint.open(directory, ComputeDevice.CPU, WeightNames::canonical)) {
            PlainPruning plain = new PlainPruning(config, checkpoint.weights(), model.vision());
            return plain.run(PromptLayout.of(prompt, config), kv, ANSWER);
        }
    }

    /** Any choice of layers, ratio, protection and pattern: pruning below, at and above the first sparse layer. */
    private static KvSettings drawn(Random random) {
        int pruning = 1 + random.nextInt(LAYERS - 1);
        int source = random.nextBoolean() ? pruning - 1 : random.nextInt(pruning);
        boolean two = random.nextBoolean();
        int sparse = source + 1 + random.nextInt(LAYERS - source);
        boolean spatial = random.nextInt(3) > 0;
        return kv(
                "compression_ratio",
                List.of(1.5, 2, 3, 5).get(random.nextInt(4)),
                "clie_layer",
                two ? random.nextInt(source + 1) + "," + source : Integer.toString(source),
                "token_pruning_layer",
                pruning,
                "sparse_attention_layer",
                sparse < LAYERS ? Integer.toString(sparse) : "off",
                "spatial",
                spatial,
                "temporal",
                !spatial || random.nextBoolean(),
                "temporal_window",
                random.nextBoolean() ? "all" : "2",
                "sink_tokens",
                random.nextInt(5),
                "recent_tokens",
                1 + random.nextInt(8),
                "observation_tokens",
                1 + random.nextInt(12), // may reach into the last image or video
                "head_scores",
                random.nextBoolean() ? "mean" : "per_head");
    }

    static LongStream seeds() {
        return LongStream.range(0, 60);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void agreesWithDroppingRowsBetweenLayers(long seed) {
        ModelPrompt prompt = RandomPrompt.mixed(seed);
        KvSettings kv = drawn(new Random(seed));
        PlainPruning.Result expected = plainly(prompt, kv);
        assertThat(distance(logits(model, prompt, kv), expected.logits()))
                .as("%s", kv)
                .isLessThan(Goldens.LOGITS);
        try (Sequence sequence = model.begin(prompt, ANSWER.length, kv)) {
            sequence.prefill(() -> {});
            assertThat(sequence.report().cacheBytes()).isEqualTo(expected.entries() * ENTRY / 2); // of two heads
            assertThat(sequence.report().fullCacheBytes()).isEqualTo(prompt.tokens() * LAYERS * ENTRY);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1000})
    void tilesChangeNothing(int tile) {
        KvSettings kv = kv("compression_ratio", 4, "clie_layer", "1", "token_pruning_layer", 2);
        try (DecoderModel tiled = open(new FusedAttention(), tile)) {
            assertThat(distance(logits(tiled, video(), kv), logits(model, video(), kv)))
                    .isLessThan(Goldens.LOGITS);
        }
    }

    @Test
    void pruningIsNotWithoutConsequence() {
        KvSettings kept = kv("compression_ratio", 4, "clie_layer", "1");
        KvSettings pruned = kv("compression_ratio", 4, "clie_layer", "1", "token_pruning_layer", 2);
        assertThat(distance(logits(model, video(), kept), logits(model, video(), pruned)))
                .isGreaterThan(100 * Goldens.LOGITS);
    }

    @Test
    void layersAboveComputeForSurvivorsAlone() {
        List<String> calls = new ArrayList<>();
        KvSettings kv = kv("compression_ratio", 4, "clie_layer", "1", "token_pruning_layer", 3);
        try (DecoderModel counting = open(new Counting(calls), 1000);
                Sequence sequence = counting.begin(video(), 0, kv)) {
            sequence.prefill(() -> {});
        }
        // 86 tokens, a quarter of which is 22; the last layer is asked for its last row alone.
        assertThat(calls).containsExactly("86 of 86", "86 of 86", "86 of 86", "22 of 22", "22 of 22", "1 of 22");
    }

    /** The real attention, and how many queries and keys each call had. */
    private record Counting(List<String> calls) implements Attention {
        @Override
        public Tensor causal(Tensor q, Tensor k, Tensor v) {
            calls.add(q.size(0) + " of " + k.size(1));
            return new FusedAttention().causal(q, k, v);
        }

        @Override
        public Tensor full(Tensor q, Tensor k, Tensor v) {
            return new FusedAttention().full(q, k, v);
        }
    }

    @Test
    void theRatioStillCountsAllBytes() {
        KvSettings kv = kv("compression_ratio", 4, "clie_layer", "0,1", "token_pruning_layer", 2);
        try (Sequence sequence = model.begin(video(), ANSWER.length, kv)) {
            sequence.prefill(() -> {});
            PrefillReport report = sequence.report();
            assertThat(report.cacheBytes()).isEqualTo(LAYERS * 22 * ENTRY);
            assertThat(report.fullCacheBytes()).isEqualTo(LAYERS * 86 * ENTRY);
            assertThat(report.note()).isEmpty();
            assertThat(sequence.cacheBytes()).isEqualTo(LAYERS * (22 + ANSWER.length) * ENTRY);
        }
    }

    @Test
    void rowsOfPrunedTokensNeverExistAbove() {
        List<Long> bytes = new ArrayList<>();
        KvSettings kv = kv("compression_ratio", 4, "clie_layer", "1", "token_pruning_layer", 3);
        try (DecoderModel whole = open(new FusedAttention(), 1000);
                Sequence sequence = whole.begin(video(), 0, kv)) {
            sequence.prefill(() -> bytes.add(sequence.cacheBytes() / ENTRY));
            bytes.add(sequence.cacheBytes() / ENTRY);
        }
        // Layer 0 waits for 1; layers 3 to 5 start with what they keep.
        assertThat(bytes.subList(bytes.size() - LAYERS - 1, bytes.size()))
                .containsExactly(0L, 86L, 44L, 66L, 88L, 110L, 132L);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void neverHoldsMoreThanThePeakThatItAnnounced(long seed) {
        ModelPrompt prompt = RandomPrompt.mixed(seed);
        KvSettings kv = drawn(new Random(seed));
        long peak = model.peakCacheBytes(prompt, ANSWER.length, kv);
        assertThat(peak).isLessThanOrEqualTo((prompt.tokens() + ANSWER.length) * (LAYERS + 1) * ENTRY);
        try (Sequence sequence = model.begin(prompt, ANSWER.length, kv)) {
            sequence.prefill(() -> assertThat(sequence.cacheBytes()).isLessThanOrEqualTo(peak));
            assertThat(sequence.cacheBytes()).isLessThanOrEqualTo(peak);
        }
    }

    @Test
    void aRatioOfOneDropsNothingBitForBitAndSaysSo() {
        KvSettings pruning = kv("compression_ratio", 1, "clie_layer", "1", "token_pruning_layer", 2);
        assertThat(distance(logits(model, video(), pruning), logits(model, video(), kv("compression_ratio", 1))))
                .isZero();
        assertThat(note(video(), pruning))
                .contains("compression_ratio 1 keeps everything", "token_pruning_layer 2 drops nothing");
    }

    @Test
    void aPromptOfTextIsCutAndNotPrunedAndTheReportSaysSo() {
        ModelPrompt text = new RandomPrompt(1).text(80).done();
        KvSettings pruning = kv("compression_ratio", 4, "clie_layer", "1", "token_pruning_layer", 2);
        assertThat(distance(
                        logits(model, text, pruning),
                        logits(model, text, kv("compression_ratio", 4, "clie_layer", "1"))))
                .isZero();
        assertThat(note(text, pruning))
                .contains("token_pruning_layer 2 drops nothing")
                .contains("no visual token");
    }

    private String note(ModelPrompt prompt, KvSettings kv) {
        try (Sequence sequence = model.begin(prompt, 0, kv)) {
            sequence.prefill(() -> {});
            return sequence.report().note();
        }
    }

    @Test
    void stopsAtAnyPauseWithoutALeak() {
        KvSettings kv = kv("compression_ratio", 4, "clie_layer", "1", "token_pruning_layer", 2);
        AtomicInteger pauses = new AtomicInteger();
        try (Sequence sequence = model.begin(video(), 2, kv)) {
            sequence.prefill(pauses::incrementAndGet);
        }
        assertThat(pauses.get()).isGreaterThan(LAYERS);
        for (int stop = 1; stop <= pauses.get(); stop++) {
            AtomicInteger left = new AtomicInteger(stop);
            try (Sequence sequence = model.begin(video(), 2, kv)) {
                assertThatThrownBy(() -> sequence.prefill(() -> stopAt(left))).isInstanceOf(ServingException.class);
            }
        }
    }

    private static void stopAt(AtomicInteger left) {
        if (left.decrementAndGet() == 0) {
            throw ServingException.cancelled("stopped by the test");
        }
    }
}
