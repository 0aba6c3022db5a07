package dev.purekv.model.qwen25vl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.NoNativeLeak;
import dev.purekv.attention.Attention;
import dev.purekv.attention.FusedAttention;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.Sequence;
import dev.purekv.model.decoder.DecoderModel;
import dev.purekv.settings.KvSettings;
import dev.purekv.tensor.ComputeDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several sequences at once, and prompts piece by piece, on the demonstration checkpoint of 8 layers. */
@ExtendWith(NoNativeLeak.class)
class Qwen25VlTogetherTest {
    private static final Path CHECKPOINT = Path.of("..", "model-repository", "moving-digits", "1");
    private static final int ROOM = 6;

    /** Settings that leave caches of quite different sizes, by layer and by sequence. */
    private static final List<Map<String, ?>> SETTINGS = List.of(
            Map.of("kv_policy", "full"),
            Map.of("compression_ratio", 5),
            Map.of("compression_ratio", 3, "layer_budgets", "pyramid"),
            Map.of("compression_ratio", 4, "layer_budgets", "inverted"),
            Map.of("compression_ratio", 2, "kv_policy", "snapkv"),
            Map.of("compression_ratio", 2, "kv_policy", "h2o"),
            Map.of("compression_ratio", 8, "head_scores", "per_head", "sparse_attention_layer", 5));

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

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 64, 250})
    void aPromptReadInTilesGivesTheSameAnswers(int tile) {
        try (DecoderModel tiled = Qwen25Vl.open(CHECKPOINT, ComputeDevice.CPU, new FusedAttention(), 0, tile)) {
            for (Map<String, ?> settings : SETTINGS) {
                KvSettings kv = KvSettings.read(settings, KvSettings.DEFAULT);
                List<Tensor> expected = alone(model, video, kv, 3);
                List<Tensor> found = alone(tiled, video, kv, 3);
                for (int i = 0; i < expected.size(); i++) {
                    assertThat(difference(found.get(i), expected.get(i)))
                            .as("%s, step %d", settings, i)
                            .isLessThan(Goldens.LOGITS);
                }
            }
        }
    }

    @Test
    void aPromptPausesBetweenTiles() {
        ModelPrompt text = new ModelPrompt(new int[200], List.of()); // the tower has tiles of its own
        try (DecoderModel tiled = Qwen25Vl.open(CHECKPOINT, ComputeDevice.CPU, new FusedAttention(), 0, 64)) {
            AtomicInteger whole = new AtomicInteger();
            AtomicInteger pieces = new AtomicInteger();
            try (Sequence one = model.begin(text, 0);
                    Sequence other = tiled.begin(text, 0)) {
                one.prefill(whole::incrementAndGet);
                other.prefill(pieces::incrementAndGet);
            }
            // Four tiles instead of one. A layer: projections, attention and the rest; the last has a single row from
            // attention on.
            assertThat(pieces.get() - whole.get()).isEqualTo(3 * (3 * 8 - 2));
        }
    }

    @Test
    void sequencesDecodedTogetherGiveWhatEachGivesAlone() {
        Random random = new Random(1);
        for (int round = 0; round < 4; round++) {
            int count = 1 + random.nextInt(SETTINGS.size());
            List<ModelPrompt> prompts = new ArrayList<>();
            List<KvSettings> settings = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                prompts.add(random.nextBoolean() ? video : text(random));
                settings.add(KvSettings.read(SETTINGS.get(random.nextInt(SETTINGS.size())), KvSettings.DEFAULT));
            }
            assertTogetherEqualsAlone(prompts, settings);
        }
    }

    /** A sequence joins after each step, and the first ones leave before the end. */
    private void assertTogetherEqualsAlone(List<ModelPrompt> prompts, List<KvSettings> settings) {
        List<List<Tensor>> expected = new ArrayList<>();
        List<Sequence> sequences = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            expected.add(alone(model, prompts.get(i), settings.get(i), ROOM));
            sequences.add(model.begin(prompts.get(i), ROOM, settings.get(i)));
        }
        try {
            int[] steps = new int[sequences.size()];
            for (int now = 0; now < sequences.size() + ROOM; now++) {
                List<Integer> running = new ArrayList<>();
                for (int i = 0; i < Math.min(now, sequences.size()); i++) {
                    if (steps[i] < ROOM) {
                        running.add(i);
                    }
                }
                if (!running.isEmpty()) {
                    Tensor logits = model.decode(
                            running.stream().map(sequences::get).toList(),
                            running.stream().mapToInt(i -> 100 + steps[i]).toArray());
                    for (int row = 0; row < running.size(); row++) {
                        int i = running.get(row);
                        assertThat(difference(
                                        logits.select(0, row), expected.get(i).get(++steps[i])))
                                .isLessThan(Goldens.LOGITS);
                    }
                }
                if (now < sequences.size()) {
                    sequences.get(now).prefill(() -> {});
                }
            }
            assertThat(steps).containsOnly(ROOM);
        } finally {
            sequences.forEach(Sequence::close);
        }
    }

    @Test
    void othersMayBeDecodedWhileAPromptIsRead() {
        KvSettings kv = KvSettings.read(Map.of("compression_ratio", 5), KvSettings.DEFAULT);
        List<Tensor> expected = alone(model, video, kv, ROOM);
        try (Sequence running = model.begin(video, ROOM, kv);
                Sequence coming = model.begin(video, ROOM, kv)) {
            running.prefill(() -> {});
            AtomicInteger step = new AtomicInteger();
            Tensor first = coming.prefill(() -> {
                if (step.get() < ROOM) {
                    Tensor logits = model.decode(List.of(running), new int[] {100 + step.getAndIncrement()});
                    assertThat(difference(logits.select(0, 0), expected.get(step.get())))
                            .isLessThan(Goldens.LOGITS);
                }
            });
            assertThat(step.get()).isEqualTo(ROOM);
            assertThat(first.equal(expected.get(0))).isTrue();
        }
    }

    @Test
    void aStepThatFailsInTheMiddleLeavesEverySequenceAsItWas() {
        AtomicInteger fuse = new AtomicInteger(Integer.MAX_VALUE);
        KvSettings kv = KvSettings.read(Map.of("compression_ratio", 3, "layer_budgets", "pyramid"), KvSettings.DEFAULT);
        List<Tensor> expected = alone(model, video, kv, ROOM);
        try (DecoderModel fragile = Qwen25Vl.open(CHECKPOINT, ComputeDevice.CPU, burningDown(fuse), 0, 0);
                Sequence one = fragile.begin(video, ROOM, kv);
                Sequence other = fragile.begin(video, ROOM, kv)) {
            one.prefill(() -> {});
            other.prefill(() -> {});
            for (int step = 0; step < ROOM; step++) {
                int token = 100 + step;
                fuse.set(1 + 2 * step); // in another layer each time, of one sequence or the other
                assertThatThrownBy(() -> fragile.decode(List.of(one, other), new int[] {token, token}))
                        .hasMessage("as asked");
                fuse.set(Integer.MAX_VALUE);
                for (Sequence each : List.of(one, other)) {
                    assertThat(difference(each.decode(token), expected.get(step + 1)))
                            .isLessThan(Goldens.LOGITS);
                }
            }
        }
    }

    /** Attention that fails once a fuse has burnt down. */
    private static Attention burningDown(AtomicInteger fuse) {
        Attention fused = new FusedAttention();
        return new Attention() {
            @Override
            public Tensor causal(Tensor q, Tensor k, Tensor v) {
                if (fuse.decrementAndGet() <= 0) {
                    throw new IllegalStateException("as asked");
                }
                return fused.causal(q, k, v);
            }

            @Override
            public Tensor full(Tensor q, Tensor k, Tensor v) {
                return fused.full(q, k, v);
            }
        };
    }

    @Test
    void refusesToDecodeAnUnreadPromptAmongOthers() {
        try (Sequence read = model.begin(video, ROOM);
                Sequence unread = model.begin(video, ROOM)) {
            read.prefill(() -> {});
            assertThatThrownBy(() -> model.decode(List.of(read, unread), new int[] {1, 1}))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    /** Logits after the prompt and after each of some tokens. */
    private static List<Tensor> alone(DecoderModel model, ModelPrompt prompt, KvSettings kv, int steps) {
        try (Sequence sequence = model.begin(prompt, steps, kv)) {
            List<Tensor> logits = new ArrayList<>(List.of(sequence.prefill(() -> {})));
            for (int token = 0; token < steps; token++) {
                logits.add(sequence.decode(100 + token));
            }
            return logits;
        }
    }

    private static double difference(Tensor a, Tensor b) {
        return a.sub(b).abs().max().item_float();
    }

    private static ModelPrompt text(Random random) {
        return new ModelPrompt(random.ints(1 + random.nextInt(200), 0, 200).toArray(), List.of());
    }
}
