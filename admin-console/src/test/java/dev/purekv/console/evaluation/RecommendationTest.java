package dev.purekv.console.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.evaluation.Result;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecommendationTest {
    private static Result result(String method, double ratio, double accuracy, double followUp) {
        return new Result(
                method,
                "dense",
                ratio,
                Map.of("kv_policy", method, "compression_ratio", String.valueOf(ratio)),
                200,
                accuracy,
                Map.of(),
                accuracy,
                1 / ratio,
                1e6 / ratio,
                ratio,
                100 / ratio,
                50,
                2,
                followUp);
    }

    private final Result full = result("full", 1, 0.95, 1);

    @Test
    void theSmallestCacheThatLosesAtMostAPointIsChosen() {
        Recommendation best = Recommendation.of(List.of(
                full,
                result("purekv", 3, 0.95, 1),
                result("purekv", 5, 0.945, 0.995),
                result("snapkv", 5, 0.94, 1),
                result("purekv", 8, 0.90, 1)));
        assertThat(best.settings()).containsEntry("kv_policy", "purekv").containsEntry("compression_ratio", "5.0");
        assertThat(best.words())
                .isEqualTo(
                        "purekv, ratio 5, dense prefill: 0.5 points of right answers lost, a cache 5.0x smaller, first token"
                                + " after 20 instead of 100 ms, out of 5 combinations.");
    }

    @Test
    void aCacheThatForgetsTheSecondQuestionIsNotChosen() {
        Recommendation best =
                Recommendation.of(List.of(full, result("snapkv", 5, 0.96, 0.9), result("purekv", 2, 0.95, 1)));
        assertThat(best.settings()).containsEntry("compression_ratio", "2.0");
    }

    @Test
    void whereEverythingLosesTheFullCacheStays() {
        Recommendation best = Recommendation.of(List.of(full, result("random", 2, 0.5, 1)));
        assertThat(best.settings()).containsEntry("compression_ratio", "1.0");
        assertThat(best.words()).startsWith("Keep the full cache").contains("200 questions");
    }
}
