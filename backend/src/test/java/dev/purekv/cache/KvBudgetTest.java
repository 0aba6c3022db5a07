package dev.purekv.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KvBudgetTest {
    /** Random traffic against the obvious account: a list of what is held. */
    @Test
    void freeAndUsedAlwaysMakeTheTotalAndNothingIsLeftAtTheEnd() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            KvBudget budget = new KvBudget(1 + random.nextInt(1000));
            List<KvBudget.Reservation> held = new ArrayList<>();
            for (int step = 0; step < 200; step++) {
                switch (random.nextInt(4)) {
                    case 0, 1 -> reserve(budget, held, random.nextInt(300), seed);
                    case 2 -> {
                        if (!held.isEmpty()) {
                            KvBudget.Reservation each = held.get(random.nextInt(held.size()));
                            each.shrinkTo(random.nextInt((int) each.bytes() + 1));
                        }
                    }
                    default -> {
                        if (!held.isEmpty()) {
                            KvBudget.Reservation gone = held.remove(random.nextInt(held.size()));
                            gone.close();
                            gone.close(); // once more changes nothing
                            assertThat(gone.bytes()).isZero();
                        }
                    }
                }
                long sum = held.stream().mapToLong(KvBudget.Reservation::bytes).sum();
                assertThat(budget.usedBytes()).as("seed %d", seed).isEqualTo(sum);
                assertThat(budget.freeBytes()).isNotNegative().isEqualTo(budget.totalBytes() - sum);
            }
            held.forEach(KvBudget.Reservation::close);
            assertThat(budget.usedBytes()).isZero();
            assertThat(budget.freeBytes()).isEqualTo(budget.totalBytes());
        }
    }

    private static void reserve(KvBudget budget, List<KvBudget.Reservation> held, long bytes, int seed) {
        long free = budget.freeBytes();
        Optional<KvBudget.Reservation> given = budget.reserve(bytes);
        assertThat(given.isPresent())
                .as("seed %d: %d of %d free", seed, bytes, free)
                .isEqualTo(bytes <= free);
        given.ifPresent(held::add);
    }

    @Test
    void aReservationNeverGrows() {
        KvBudget.Reservation reservation = new KvBudget(10).reserve(6).orElseThrow();
        assertThatThrownBy(() -> reservation.shrinkTo(7))
                .hasMessageContaining("6")
                .hasMessageContaining("7");
        reservation.close();
        assertThatThrownBy(() -> reservation.shrinkTo(1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void negativeAndEmptyAccountsAreRefused() {
        assertThatThrownBy(() -> new KvBudget(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new KvBudget(1).reserve(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(new KvBudget(1).reserve(Long.MAX_VALUE)).isEmpty();
    }
}
