package dev.purekv.attention.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.purekv.NoNativeLeak;
import dev.purekv.ServingException;
import dev.purekv.attention.FusedAttention;
import dev.purekv.attention.FusedPart;
import dev.purekv.attention.ReferenceAttention;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The fast way against the definition, and the definition against dense attention and a case worked out by hand. */
@ExtendWith(NoNativeLeak.class)
class MergedSparseAttentionTest {
    private static final double FLOAT32 = 1e-5;

    private final SparseAttention merged = new MergedSparseAttention();
    private final SparseAttention masked = new MaskedSparseAttention();

    @BeforeEach
    void fixSeed() {
        torch.manual_seed(11);
    }

    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void agreesWithTheDefinitionOnAnyLayout(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        SparsePattern pattern = Layouts.random(random);
        Inputs inputs = Inputs.random(pattern.tokens(), random);
        assertThat(distance(inputs.by(merged, pattern), inputs.by(masked, pattern)))
                .as("%s", pattern)
                .isLessThan(FLOAT32);
    }

    @ParameterizedTest
    @CsvSource({
        "true, true, 1", "true, true, 2", "true, true, 31", "true, true, 32", "true, true, 33", "true, true, 68",
        "true, true, 69", "true, true, 70", "false, true, 1", "false, true, 40", "false, true, 69", "false, true, 70",
        "true, false, 5", "false, false, 5"
    })
    void agreesWithTheDefinitionWhateverTheReach(boolean spatial, boolean temporal, int window) {
        SparsePattern pattern =
                new SparsePattern(431, List.of(new VisualRun(3, 70, 6)), new SparseReach(spatial, temporal, window));
        Inputs inputs = Inputs.of(431, 4, 2, 16, 1);
        assertThat(distance(inputs.by(merged, pattern), inputs.by(masked, pattern)))
                .isLessThan(FLOAT32);
    }

    @Test
    void pausesBetweenHeadsAndBetweenTilesOfSurvivors() {
        SparsePattern pattern =
                new SparsePattern(607, List.of(new VisualRun(5, 60, 10)), new SparseReach(true, true, 60));
        AtomicInteger pauses = new AtomicInteger();
        SparseAttention pausing = new MergedSparseAttention(pauses::incrementAndGet);
        Inputs.of(607, 4, 4, 16, 1).by(pausing, pattern);
        assertThat(pauses.getAndSet(0)).isEqualTo(3);
        int[] all = IntStream.range(0, 600).toArray();
        Inputs.of(600, 4, 4, 16, 1).by(pausing, pattern.kept(all));
        assertThat(pauses).hasValue(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {63, 64, 65, 150, 1023, 1024, 1025})
    void agreesWithTheDefinitionHoweverManyCellsASliceHas(int cells) {
        SparsePattern pattern =
                new SparsePattern(2 * cells + 7, List.of(new VisualRun(5, 2, cells)), new SparseReach(true, true, 1));
        Inputs inputs = Inputs.of(pattern.tokens(), 2, 1, 16, 1);
        assertThat(distance(inputs.by(merged, pattern), inputs.by(masked, pattern)))
                .isLessThan(FLOAT32);
    }

    @Test
    void refusesOtherDevicesThanTheCpuWithARemedy() {
        TensorOptions nowhere = new TensorOptions().device(new DeviceOptional(new Device("meta")));
        Tensor q = torch.empty(new long[] {1, 1, 4, 8}, nowhere, null);
        Tensor k = torch.empty(new long[] {1, 4, 8}, nowhere, null);
        assertThatThrownBy(() -> FusedPart.causal(q, k, k))
                .hasMessageContaining("got one on meta; set sparse_attention_layer to off")
                .asInstanceOf(type(ServingException.class))
                .returns(ServingException.Code.UNSUPPORTED, ServingException::code);
    }

    @Test
    void agreesWithTheDefinitionAtTheSizesOfARealModel() {
        SparsePattern pattern = new SparsePattern(
                1341, List.of(new VisualRun(20, 20, 64), new VisualRun(1305, 1, 24)), SparseReach.FULL);
        Inputs inputs = Inputs.of(1341, 14, 2, 64, 1);
        assertThat(distance(inputs.by(merged, pattern), inputs.by(masked, pattern)))
                .isLessThan(FLOAT32);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void agreesWithTheDefinitionForTheLastTokensAlone(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        SparsePattern pattern = Layouts.random(random);
        Inputs inputs = Inputs.random(pattern.tokens(), random).last(random.nextInt(1, 4));
        assertThat(distance(inputs.by(merged, pattern), inputs.by(masked, pattern)))
                .as("%s", pattern)
                .isLessThan(FLOAT32);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void agreesWithTheDefinitionForSurvivorsOfPruning(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        SparsePattern whole = Layouts.random(random);
        Visibility pattern = whole.kept(Layouts.survivors(whole, random));
        Inputs inputs = Inputs.random(pattern.tokens(), random);
        Inputs some = random.nextBoolean() ? inputs : inputs.last(random.nextInt(1, pattern.tokens() + 1));
        assertThat(distance(some.by(merged, pattern), some.by(masked, pattern)))
                .as("%s", whole)
                .isLessThan(FLOAT32);
    }

    @Test
    void survivorsThatAreAllThereSeeWhatTheWholePromptSees() {
        SparsePattern whole = new SparsePattern(700, List.of(new VisualRun(20, 30, 21)), SparseReach.FULL);
        Visibility all = whole.kept(IntStream.range(0, 700).toArray());
        Inputs inputs = Inputs.of(700, 4, 2, 16, 1);
        assertThat(distance(inputs.by(merged, all), inputs.by(merged, whole))).isLessThan(FLOAT32);
    }

    @Test
    void survivesScoresWhoseExponentialsOverflow() {
        SparsePattern pattern = new SparsePattern(44, List.of(new VisualRun(4, 6, 6)), SparseReach.FULL);
        Inputs inputs = Inputs.of(44, 4, 2, 16, 60);
        Tensor result = inputs.by(merged, pattern);
        assertThat(result.isfinite().all().item_bool()).isTrue();
        assertThat(distance(result, inputs.by(masked, pattern))).isLessThan(FLOAT32 * 10);
    }

    @Test
    void isDenseAttentionWhereNothingIsHidden() {
        // One slice hides nothing of itself and nothing of the text before it.
        for (List<VisualRun> visuals : List.of(List.<VisualRun>of(), List.of(new VisualRun(9, 1, 30)))) {
            SparsePattern pattern = new SparsePattern(50, visuals, SparseReach.FULL);
            Inputs inputs = Inputs.of(50, 4, 2, 16, 1);
            Tensor dense = new ReferenceAttention().causal(inputs.q, inputs.k, inputs.v);
            assertThat(distance(inputs.by(masked, pattern), dense)).isLessThan(FLOAT32);
            assertThat(distance(inputs.by(merged, pattern), dense)).isLessThan(FLOAT32);
        }
    }

    @Test
    void averagesExactlyTheTokensSeen() {
        // Keys of zero make all scores equal: each token averages the values that it sees. One word, two slices, two
        // cells.
        SparsePattern pattern = new SparsePattern(5, List.of(new VisualRun(1, 2, 2)), SparseReach.FULL);
        Inputs inputs = new Inputs(
                torch.randn(5, 1, 1), torch.zeros(1, 5, 1), Tensor.create(new float[] {1, 3, 8, 20, 64}, 1, 5, 1));
        Tensor expected = Tensor.create(new float[] {1, 2, 4, 8, 23.25f}, 5, 1, 1);
        assertThat(distance(inputs.by(masked, pattern), expected)).isLessThan(FLOAT32);
        assertThat(distance(inputs.by(merged, pattern), expected)).isLessThan(FLOAT32);
    }

    @Test
    void rejectsAPatternOfAnotherPrompt() {
        SparsePattern pattern = new SparsePattern(6, List.of(), SparseReach.FULL);
        Inputs inputs = Inputs.of(5, 2, 1, 8, 1);
        for (SparseAttention attention : List.of(merged, masked)) {
            assertThatThrownBy(() -> inputs.by(attention, pattern))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("a pattern of 6 tokens does not fit 5 keys");
        }
    }

    @Test
    void leavesTheLayersBelowTheFirstSparseOneAlone() {
        SparsePrefill prefill =
                new SparsePrefill(3, new SparsePattern(5, List.of(new VisualRun(1, 2, 2)), SparseReach.FULL));
        FusedAttention dense = new FusedAttention();
        Inputs inputs = Inputs.of(5, 2, 1, 8, 1);
        assertThat(prefill.at(2, dense, () -> {})).isSameAs(dense);
        assertThat(distance(
                        prefill.at(3, dense, () -> {}).causal(inputs.q, inputs.k, inputs.v),
                        inputs.by(masked, prefill.pattern())))
                .isLessThan(FLOAT32);
    }

    private static double distance(Tensor a, Tensor b) {
        assertThat(a.shape()).isEqualTo(b.shape());
        return a.sub(b).abs().max().item_float();
    }

    /** Keys and values are views of a larger tensor, as a cache with room to spare hands them out. */
    private record Inputs(Tensor q, Tensor k, Tensor v) {
        static Inputs random(int tokens, SplittableRandom random) {
            int groups = random.nextInt(1, 4);
            torch.manual_seed(random.nextLong(1 << 30));
            return of(tokens, groups * random.nextInt(1, 5), groups, 8 * random.nextInt(1, 5), 1);
        }

        static Inputs of(int tokens, int heads, int groups, int width, double scale) {
            return new Inputs(
                    torch.randn(tokens, heads, width).mul(new Scalar(scale)),
                    torch.randn(groups, tokens + 5, width).narrow(1, 0, tokens),
                    torch.randn(groups, tokens + 5, width).narrow(1, 0, tokens));
        }

        Inputs last(int rows) {
            long kept = Math.min(rows, q.size(0));
            return new Inputs(q.narrow(0, q.size(0) - kept, kept), k, v);
        }

        Tensor by(SparseAttention attention, Visibility pattern) {
            return attention.attend(q, k, v, pattern);
        }
    }
}
