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

    @Test
    void aPromptIsAdmittedWhosesoeverTurnItIs() {
        assertThat(scheduler.admits(OptionalLong.empty(), 1)).isFalse();
        assertThat(scheduler.admits(OptionalLong.of(100), 1)).isTrue();
        assertThat(scheduler.admits(OptionalLong.of(101), 1)).isFalse();
        assertThat(scheduler.admits(OptionalLong.of(1), 2)).isFalse();
    }

    /** However long pieces and steps take, neither side is ever further from its share than one of its own. */
    @Test
    void promptsGetTheirShareOfTheTimeAndAnswersTheRest() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            double promptShare = 0.1 + random.nextInt(86) / 100.0;
            long piece = 1 + random.nextInt(100);
            long step = 1 + random.nextInt(100);
            FairShare share = new FairShare(promptShare);
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
                assertThat(answers - (1 - promptShare) * (answers + prompts))
                        .as("seed %d", seed)
                        .isBetween(-piece - 1e-6, step + 1e-6);
            }
        }
    }

    @Test
    void timeWithoutCompanyIsOwedToNobody() {
        FairShare share = new FairShare(0.5);
        share.decoded(1_000_000);
        share.forget();
        assertThat(share.answersAreDue()).isTrue();
        share.decoded(5);
        share.prefilled(5);
        assertThat(share.answersAreDue()).isTrue();
    }
}
