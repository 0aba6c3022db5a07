package dev.purekv.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.cache.KvBudget;
import dev.purekv.engine.Scheduler.Turn;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SchedulerTest {
    private final KvBudget budget = new KvBudget(100);
    private final Scheduler scheduler = new Scheduler(budget, 2);

    @Test
    void withoutPromptsThereAreOnlyAnswersAndWithoutBothThereIsRest() {
        assertThat(scheduler.next(OptionalLong.empty(), 0, true)).isEqualTo(Turn.WAIT);
        assertThat(scheduler.next(OptionalLong.empty(), 1, false)).isEqualTo(Turn.DECODE);
    }

    @Test
    void aPromptThatFitsComesWhenItsTurnHasCome() {
        assertThat(scheduler.next(OptionalLong.of(100), 0, true)).isEqualTo(Turn.PREFILL);
        assertThat(scheduler.next(OptionalLong.of(100), 1, false)).isEqualTo(Turn.PREFILL);
        assertThat(scheduler.next(OptionalLong.of(100), 1, true)).isEqualTo(Turn.DECODE);
    }

    @Test
    void aPromptWaitsForBytesAndForOneAnswerToEnd() {
        assertThat(scheduler.next(OptionalLong.of(100), 2, false)).isEqualTo(Turn.DECODE);
        budget.reserve(1);
        assertThat(scheduler.next(OptionalLong.of(100), 1, false)).isEqualTo(Turn.DECODE);
        assertThat(scheduler.next(OptionalLong.of(99), 1, false)).isEqualTo(Turn.PREFILL);
    }

    /** However long pieces and steps take, neither side is ever further ahead than one of its own. */
    @Test
    void promptsAndAnswersShareTheTimeEqually() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            long piece = 1 + random.nextInt(100);
            long step = 1 + random.nextInt(100);
            FairShare share = new FairShare();
            long prompts = 0;
            long answers = 0;
            for (int i = 0; i < 1000; i++) {
                if (share.answersAreDue()) {
                    share.decoded(step);
                    answers += step;
                } else {
                    share.prefilled(piece);
                    prompts += piece;
                }
                assertThat(answers - prompts).as("seed %d", seed).isBetween(-piece, step);
            }
        }
    }

    @Test
    void timeWithoutCompanyIsOwedToNobody() {
        FairShare share = new FairShare();
        share.decoded(1_000_000);
        share.forget();
        assertThat(share.answersAreDue()).isTrue();
        share.decoded(5);
        share.prefilled(5);
        assertThat(share.answersAreDue()).isTrue();
    }
}
