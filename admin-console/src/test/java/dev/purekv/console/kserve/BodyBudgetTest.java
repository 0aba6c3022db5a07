package dev.purekv.console.kserve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BodyBudgetTest {
    @Test
    void refusesWhatDoesNotFitAndTakesItOnceThereIsRoom() {
        BodyBudget budget = new BodyBudget(100);
        budget.reserve(60);

        assertThatThrownBy(() -> budget.reserve(41))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("try again later")
                .extracting(refusal -> ((Refusal) refusal).status())
                .isEqualTo(503);
        assertThat(budget.heldBytes()).isEqualTo(60);

        budget.release(60);
        budget.reserve(100);
        assertThat(budget.heldBytes()).isEqualTo(100);
    }
}
