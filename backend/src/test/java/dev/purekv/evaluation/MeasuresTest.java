package dev.purekv.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.purekv.settings.HeadScores;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the results say, on numbers that can be checked by hand. */
class MeasuresTest {
    private static final double[][] ONES = {{1, 1, 1, 1}, {1, 1, 1, 1}};

    private static LayerEvidence.Layer layer(double[]... attention) {
        return new LayerEvidence.Layer(attention, ONES);
    }

    @Test
    void divergenceIsZeroForEqualDistributionsAndTheTextbookValueOtherwise() {
        float[] fair = {0, 0};
        float[] biased = {(float) Math.log(0.75), (float) Math.log(0.25)};
        assertThat(Divergence.of(fair, new float[] {3, 3})).isZero();
        assertThat(Divergence.of(fair, biased))
                .isCloseTo(0.5 * Math.log(0.5 / 0.75) + 0.5 * Math.log(0.5 / 0.25), within(1e-6));
    }

    @Test
    void keptMassIsTheMeanOverLayersAndHeadsAndOneWhereNothingIsCut() {
        KeptMass mass = new KeptMass(List.of(
                layer(new double[] {1, 2, 3, 4}, new double[] {4, 0, 0, 0}),
                layer(new double[] {1, 1, 1, 1}, new double[] {1, 1, 1, 1})));
        assertThat(mass.share()).isEqualTo(1);
        mass.keeps(0, new int[][] {{1, 3}, {1, 2}}, 4);
        assertThat(mass.share()).isCloseTo(((0.6 + 0) / 2 + 1) / 2, within(1e-12));
    }

    /** By the textbook, without ties: 1 - 6 sum d^2 / n (n^2 - 1). */
    @Test
    void rankCorrelationIsSpearmansOverTheRankedEntries() {
        LayerEvidence.Layer first = layer(new double[] {1, 2, 3, 4}, new double[] {1, 2, 3, 4});
        LayerEvidence.Layer second = layer(new double[] {2, 1, 4, 3}, new double[] {4, 3, 2, 1});
        double[][] perHead = new RankCorrelation(0, 0).of(List.of(first, second), HeadScores.PER_HEAD);
        double swapped = 1 - 6.0 * 4 / (4 * 15);
        assertThat(perHead[0][1]).isCloseTo((swapped - 1) / 2, within(1e-12));
        assertThat(perHead[0][0]).isCloseTo(1, within(1e-12));
        // The mean of the second layer's heads is 3, 2, 3, 2: ties share their rank.
        double[][] mean = new RankCorrelation(0, 0).of(List.of(first, second), HeadScores.MEAN);
        assertThat(mean[1][0]).isCloseTo(-1 / Math.sqrt(5), within(1e-12));
        // Without the first entry and the last, 2, 3 is left, and 1, 4 beside 3, 2.
        double[][] middle = new RankCorrelation(1, 1).of(List.of(first, second), HeadScores.PER_HEAD);
        assertThat(middle[0][1]).isCloseTo(0, within(1e-12));
        assertThat(new RankCorrelation(2, 1).of(List.of(first, second), HeadScores.MEAN))
                .isNull();
    }

    @Test
    void rankCorrelationWeighsAttentionByTheLengthOfTheRankedLayersValues() {
        LayerEvidence.Layer flat = new LayerEvidence.Layer(new double[][] {{1, 1, 1}}, new double[][] {{1, 2, 3}});
        LayerEvidence.Layer falling = new LayerEvidence.Layer(new double[][] {{9, 4, 1}}, new double[][] {{1, 1, 1}});
        double[][] matrix = new RankCorrelation(0, 0).of(List.of(flat, falling), HeadScores.PER_HEAD);
        assertThat(matrix[1][0]).isCloseTo(-1, within(1e-12)); // 9, 8, 3 against 1, 2, 3
    }

    @Test
    void correlationsAreTheMeanOverQuestionsThatHaveAny() {
        double[][] one = {{1}};
        double[][] half = {{0.5}};
        Optional<Correlations> all = Correlations.of(
                List.of(new Observed("a", one, half), new Observed("b", half, half), new Observed("c", null, null)));
        assertThat(all.orElseThrow().meanHeads()[0][0]).isEqualTo(0.75);
        assertThat(all.orElseThrow().perHead()[0][0]).isEqualTo(0.5);
        assertThat(Correlations.of(List.of(new Observed("c", null, null)))).isEmpty();
    }

    private static Trial trial(String question, boolean right, Double second, double ms, Boolean followed) {
        return new Trial(
                "v",
                question,
                "text",
                right,
                right,
                0.5,
                second,
                0.25,
                100,
                400,
                ms,
                ms,
                ms,
                2 * ms,
                2,
                followed == null ? null : "more",
                followed,
                followed);
    }

    @Test
    void aSummaryHasMeansAndMediansAndLeavesOutWhatWasNotAsked() {
        Summary summary = Summary.of(
                Variant.FULL,
                List.of(
                        trial("a", true, 0.2, 10, true),
                        trial("b", false, null, 100, false),
                        trial("c", true, 0.4, 12, null),
                        trial("d", true, 0.6, 14, null)),
                Map.of("a", "x", "b", "x", "c", "y", "d", "y"));
        assertThat(summary.accuracy()).isEqualTo(0.75);
        assertThat(summary.accuracyByKind()).containsEntry("x", 0.5).containsEntry("y", 1.0);
        assertThat(summary.secondDivergence()).isCloseTo(0.4, within(1e-12));
        assertThat(summary.byteRatio()).isEqualTo(4);
        assertThat(summary.visionMs()).isEqualTo(13);
        assertThat(summary.tokenMs()).isEqualTo(13);
        assertThat(summary.followUps()).isEqualTo(2);
        assertThat(summary.followUpAccuracy()).isEqualTo(0.5);
        String csv = Table.of(List.of(summary)).csv();
        assertThat(csv)
                .startsWith("method,prefill,ratio,questions,accuracy,x,y,agreement")
                .contains("full,dense,1,4,0.750,0.500,1.000,");
    }

    @Test
    void theTimeLeftGoesOnAsItWent() {
        assertThat(Progress.left(Duration.ofSeconds(30), 10, 40)).isEqualTo(Duration.ofSeconds(90));
        assertThat(Progress.shown(Duration.ofSeconds(90))).isEqualTo("2 min");
        assertThat(Progress.shown(Duration.ofSeconds(59))).isEqualTo("59 s");
    }
}
