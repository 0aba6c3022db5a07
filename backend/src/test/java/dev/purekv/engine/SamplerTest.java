package dev.purekv.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.purekv.model.GenerationDefaults;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private static final GenerationDefaults DEFAULTS = new GenerationDefaults(Set.of(0), 16, 0, 1, 0, 1);

    private static Sampler sampler(Map<String, Object> values, int... prompt) {
        return new Sampler(SamplingReader.read(values, DEFAULTS), Set.of(0), prompt);
    }

    @Test
    void temperatureZeroTakesTheLikeliestAndTheLowerIdOfEquals() {
        assertThat(sampler(Map.of()).next(new float[] {1, 3, 3, 2})).isEqualTo(1);
    }

    @Test
    void repetitionPenaltyCountsThePromptAndEveryTokenOnce() {
        Sampler sampler = sampler(Map.of("repetition_penalty", 2.0), 1, 1, 1);
        float[] logits = {-1, 3, 2, -4};
        assertThat(sampler.next(logits)).isEqualTo(2);
        assertThat(logits).containsExactly(-1, 1.5f, 2, -4);
        float[] next = {-1, 3, 2, -4};
        assertThat(sampler.next(next)).isEqualTo(1);
        assertThat(next).containsExactly(-1, 1.5f, 1, -4);
    }

    @Test
    void negativeScoresAreMultipliedByTheRepetitionPenalty() {
        float[] logits = {-5, -1};
        sampler(Map.of("repetition_penalty", 2.0), 1).next(logits);
        assertThat(logits).containsExactly(-5, -2);
    }

    @Test
    void frequencyAndPresencePenaltiesCountTheAnswerAlone() {
        Sampler sampler = sampler(Map.of("frequency_penalty", 0.5, "presence_penalty", 1.0), 2);
        assertThat(sampler.next(new float[] {0, 0, 5})).isEqualTo(2);
        float[] logits = {0, 0, 5};
        sampler.next(logits);
        assertThat(logits[2]).isEqualTo(3.5f);
    }

    @Test
    void minimumTokensForbidTheEnd() {
        Sampler sampler = sampler(Map.of("min_tokens", 1L));
        assertThat(sampler.next(new float[] {9, 1, 0})).isEqualTo(1);
        assertThat(sampler.next(new float[] {9, 1, 0})).isZero();
    }

    @Test
    void topKLeavesTheLikeliest() {
        Sampler sampler = sampler(Map.of("temperature", 5.0, "top_k", 2L, "seed", 1L));
        for (int i = 0; i < 200; i++) {
            assertThat(sampler.next(new float[] {1, 2, 3, 0})).isIn(1, 2);
        }
    }

    @Test
    void topPLeavesTheSmallestSetThatReachesIt() {
        // Probabilities 0.5, 0.3, 0.2: 0.7 needs two of them.
        float[] logits = {(float) Math.log(0.5), (float) Math.log(0.3), (float) Math.log(0.2)};
        Sampler sampler = sampler(Map.of("temperature", 1.0, "top_p", 0.7, "seed", 1L));
        for (int i = 0; i < 200; i++) {
            assertThat(sampler.next(logits.clone())).isIn(0, 1);
        }
    }

    @Test
    void minPIsRelativeToTheLikeliest() {
        float[] logits = {(float) Math.log(0.6), (float) Math.log(0.35), (float) Math.log(0.05)};
        Sampler sampler = sampler(Map.of("temperature", 1.0, "min_p", 0.5, "seed", 1L));
        for (int i = 0; i < 200; i++) {
            assertThat(sampler.next(logits.clone())).isIn(0, 1);
        }
    }

    @Test
    void drawsFollowTheProbabilities() {
        float[] logits = {(float) Math.log(0.5), (float) Math.log(0.3), (float) Math.log(0.2)};
        Sampler sampler = sampler(Map.of("temperature", 1.0, "seed", 7L));
        int[] counts = new int[3];
        for (int i = 0; i < 20_000; i++) {
            counts[sampler.next(logits.clone())]++;
        }
        assertThat(counts[0] / 20_000.0).isCloseTo(0.5, within(0.02));
        assertThat(counts[1] / 20_000.0).isCloseTo(0.3, within(0.02));
    }

    @Test
    void oneSeedGivesOneAnswer() {
        Map<String, Object> values = new HashMap<>(Map.of("temperature", 2.0, "seed", 42L));
        SplittableRandom random = new SplittableRandom(3);
        Sampler first = sampler(values);
        Sampler second = sampler(values);
        for (int i = 0; i < 50; i++) {
            float[] logits = new float[30];
            for (int id = 0; id < logits.length; id++) {
                logits[id] = (float) random.nextGaussian();
            }
            assertThat(first.next(logits.clone())).isEqualTo(second.next(logits.clone()));
        }
    }

    @Test
    void logprobsAreNormalisedAndOrdered() {
        TokenLogprob logprob = TokenLogprob.of(2, new float[] {0, 1, 2, 1}, 3, token -> "t" + token);
        double sum = Math.exp(0) + 2 * Math.exp(1) + Math.exp(2);
        assertThat(logprob.logprob()).isCloseTo(Math.log(Math.exp(2) / sum), within(1e-9));
        assertThat(logprob.alternatives())
                .extracting(TokenLogprob.Alternative::token)
                .containsExactly(2, 1, 3);
    }

    @Test
    void aFamilySaysWhetherAPenaltyCountsThePrompt() {
        int[] prompt = {3, 4};
        assertThat(DEFAULTS.penalised(prompt)).containsExactly(3, 4);
        assertThat(new GenerationDefaults(Set.of(0), 16, 0, 1, 0, 1, false).penalised(prompt))
                .isEmpty();
    }
}
