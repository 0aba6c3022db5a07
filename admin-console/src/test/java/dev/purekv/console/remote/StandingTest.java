package dev.purekv.console.remote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.remote.Standing.State;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class StandingTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private static Standing refused(int times) {
        Standing standing = new Standing(1, State.APPLYING, "", NOON, 0, null);
        for (int i = 0; i < times; i++) {
            standing = standing.refused("no", NOON);
        }
        return standing;
    }

    @Test
    void waitsLongerAfterEachRefusalUpToALimit() {
        for (int[] each : new int[][] {{1, 5}, {2, 10}, {6, 160}, {60, 160}}) {
            assertThat(refused(each[0]).mayTry(NOON.plusSeconds(each[1] - 1))).isFalse();
            assertThat(refused(each[0]).mayTry(NOON.plusSeconds(each[1]))).isTrue();
        }
    }

    @Test
    void doesNotWaitForATimeFromBeforeTheClockWentBack() {
        assertThat(refused(3).mayTry(NOON.minus(Duration.ofDays(1)))).isTrue();
    }
}
