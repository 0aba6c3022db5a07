package dev.purekv.model.qwen25vl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.NoNativeLeak;
import dev.purekv.compression.KeptTokens;
import dev.purekv.compression.PrefillWitness;
import dev.purekv.compression.ScoredLayer;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.PrefillReport;
import dev.purekv.model.Sequence;
import dev.purekv.model.VisualInput;
import dev.purekv.model.VisualSpan;
import dev.purekv.model.decoder.DecoderModel;
import dev.purekv.settings.KvSettings;
import dev.purekv.tensor.ComputeDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a prefill of the demonstration checkpoint tells of itself: 8 layers, 2 key/value heads. */
@ExtendWith(NoNativeLeak.class)
class Qwen25VlWitnessTest {
    private static final Path CHECKPOINT = Path.of("..", "model-repository", "moving-digits", "1");
    private static final int LAYERS = 8;
    private static final int WINDOW = 8;
    private static final int SINKS = 2;
    private static final int RECENTS = 5;
    private static final KvSettings CUT = KvSettings.read(
            Map.of(
                    "compression_ratio",
                    5,
                    "clie_layer",
                    "2,4",
                    "observation_tokens",
                    WINDOW,
                    "sink_tokens",
                    SINKS,
                    "recent_tokens",
                    RECENTS),
            KvSettings.DEFAULT);

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

    private PrefillReport prefill(ModelPrompt prompt, KvSettings kv, PrefillWitness witness) {
        try (Sequence sequence = model.begin(prompt, 1, kv)) {
            sequence.prefill(() -> {}, witness);
            return sequence.report();
        }
    }

    /** Everything that a prefill tells, in Java's own arrays. */
    private static final class Everything implements PrefillWitness {
        private final List<float[]> attention = new ArrayList<>(); // by layer (G, N), the heads one after the other
        private final List<float[]> norms = new ArrayList<>();
        private final Map<Integer, int[][]> kept = new HashMap<>();

        @Override
        public int observedQueries() {
            return WINDOW;
        }

        @Override
        public void observes(ScoredLayer layer) {
            assertThat(layer.index()).isEqualTo(attention.size());
            attention.add(floats(layer.attention()));
            norms.add(floats(layer.valueNorms()));
        }

        @Override
        public boolean asksWhatIsKept() {
            return true;
        }

        @Override
        public void keeps(int layer, int[][] positions, int tokens) {
            kept.put(layer, positions);
        }

        private static float[] floats(Tensor tensor) {
            float[] values = new float[(int) tensor.numel()];
            tensor.contiguous().data_ptr_float().get(values);
            return values;
        }
    }

    @Test
    void theKeptPositionsAreThoseOfTheDefinition() {
        Everything full = new Everything();
        prefill(video, KvSettings.DEFAULT, full);
        Everything cut = new Everything();
        prefill(video, CUT, cut);
        assertThat(full.attention).hasSize(LAYERS);
        assertThat(full.kept).isEmpty();
        assertThat(cut.kept).hasSize(LAYERS);
        for (int layer = 0; layer < LAYERS; layer++) {
            List<float[]> sources =
                    layer < 4 ? List.of(full.attention.get(2)) : List.of(full.attention.get(2), full.attention.get(4));
            for (int head = 0; head < 2; head++) {
                assertThat(cut.kept.get(layer)[head])
                        .as("layer %d, head %d", layer, head)
                        .containsExactly(best(sources, full.norms.get(layer), head));
            }
        }
    }

    /** The method in plain words: attention of the sources, mean over them and over heads, times the length of the value. */
    private int[] best(List<float[]> sources, float[] norms, int head) {
        int tokens = video.tokens();
        int keep = (tokens + 4) / 5;
        double[] scores = new double[tokens];
        for (int i = 0; i < tokens; i++) {
            for (float[] source : sources) {
                scores[i] += source[i] + source[tokens + i];
            }
            scores[i] *= norms[head * tokens + i];
        }
        IntStream ranked = IntStream.range(SINKS, tokens - RECENTS)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -scores[i]))
                .limit(keep - SINKS - RECENTS)
                .mapToInt(i -> i);
        IntStream protectedOnes =
                IntStream.concat(IntStream.range(0, SINKS), IntStream.range(tokens - RECENTS, tokens));
        return IntStream.concat(ranked, protectedOnes).sorted().toArray();
    }

    @Test
    void theAttentionOfALayerIsOneForEachQuery() {
        Everything full = new Everything();
        prefill(video, KvSettings.DEFAULT, full);
        for (float[] attention : full.attention) {
            double sum = 0;
            for (float each : attention) {
                sum += each;
            }
            assertThat(sum).isCloseTo(2.0 * WINDOW, org.assertj.core.api.Assertions.within(1e-3));
        }
    }

    @Test
    void sharesCountTheHeadsThatKeepAToken() {
        Everything cut = new Everything();
        prefill(video, CUT, cut);
        KeptTokens kept = new KeptTokens();
        PrefillReport report = prefill(video, CUT, kept);
        for (int layer = 0; layer < LAYERS; layer++) {
            assertThat(kept.kept(layer, report.promptTokens())).isEqualTo((video.tokens() + 4) / 5);
            for (int token = 0; token < video.tokens(); token++) {
                int heads = 0;
                for (int[] head : cut.kept.get(layer)) {
                    int wanted = token;
                    heads += IntStream.of(head).anyMatch(each -> each == wanted) ? 1 : 0;
                }
                assertThat(kept.share(layer, token)).isEqualTo(heads / 2.0);
            }
        }
    }

    @Test
    void aLayerThatIsNotCutKeepsEverything() {
        KeptTokens kept = new KeptTokens();
        PrefillReport report = prefill(video, KvSettings.DEFAULT, kept);
        assertThat(kept.kept(3, report.promptTokens())).isEqualTo(video.tokens());
        assertThat(kept.share(3, 17)).isEqualTo(1);
    }

    @Test
    void theReportSaysWhereTheVideoStandsAndOnWhichGrid() {
        VisualSpan span = prefill(video, CUT, PrefillWitness.NONE).visuals().get(0);
        VisualInput visual = video.visuals().get(0);
        assertThat(span.kind()).isEqualTo(VisualInput.Kind.VIDEO);
        assertThat(span.slices()).isEqualTo(visual.grid().t());
        assertThat(span.rows()).isEqualTo(visual.grid().h() / 2);
        assertThat(span.columns()).isEqualTo(visual.grid().w() / 2);
        assertThat(span.frames()).isEqualTo(2 * span.slices());
        int placeholder = video.ids()[span.start()];
        assertThat(IntStream.of(video.ids()).filter(id -> id == placeholder).count())
                .isEqualTo(span.tokens());
        assertThat(video.ids()[span.start() - 1]).isNotEqualTo(placeholder);
    }
}
