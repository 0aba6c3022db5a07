package dev.purekv.console.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
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

    @Test
    void allowsNoBodyThatTheHeapCannotBear() {
        RequestLimits small = RequestLimits.of(256L << 20, 512L << 20, Duration.ofMinutes(1));
        assertThat(small.maxRequestBytes()).isEqualTo(64L << 20);
        assertThat(small.tooLarge()).hasMessageContaining("-Xmx");
        assertThat(RequestLimits.of(256L << 20, 8L << 30, Duration.ofMinutes(1)).maxRequestBytes())
                .isEqualTo(256L << 20);
    }
}
