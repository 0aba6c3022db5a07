package dev.purekv.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Engines of one model, of which one comes while the other still answers. */
class KvLedgersTest {
    private final KvLedgers ledgers = new KvLedgers();

    private KvBudget open(long bytes) {
        return ledgers.open("model", held -> bytes);
    }

    /** Two holders that ask, reserve, shrink, give back and change their minds, in any order. */
    @Test
    void theSumNeverPassesTheCeilingAndIsZeroAtTheEnd() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            long ceiling = 100 + random.nextInt(1000);
            List<KvBudget> budgets = List.of(open(ceiling), open(ceiling));
            List<KvBudget.Reservation> held = new ArrayList<>();
            int given = 0;
            for (int step = 0; step < 300; step++) {
                KvBudget budget = budgets.get(random.nextInt(2));
                long bytes = random.nextInt(400);
                switch (random.nextInt(5)) {
                    case 0 -> assertThat(budget.asks(bytes)).isEqualTo(budget.fits(bytes));
                    case 1 -> budget.asksNoMore();
                    case 2 -> {
                        boolean fits = budget.fits(bytes);
                        Optional<KvBudget.Reservation> reserved = budget.reserve(bytes);
                        assertThat(reserved.isPresent()).as("seed %d", seed).isEqualTo(fits);
                        reserved.ifPresent(held::add);
                        given += reserved.isPresent() ? 1 : 0;
                    }
                    default -> {
                        if (!held.isEmpty()) {
                            KvBudget.Reservation each = held.get(random.nextInt(held.size()));
                            each.shrinkTo(random.nextBoolean() ? 0 : random.nextInt((int) each.bytes() + 1));
                        }
                    }
                }
                long sum = held.stream().mapToLong(KvBudget.Reservation::bytes).sum();
                assertThat(sum).as("seed %d", seed).isLessThanOrEqualTo(ceiling);
                assertThat(budgets.get(0).usedBytes() + budgets.get(1).usedBytes())
                        .isEqualTo(sum);
                assertThat(budgets).extracting(KvBudget::freeBytes).containsOnly(ceiling - sum);
            }
            assertThat(given).as("seed %d", seed).isPositive();
            held.forEach(KvBudget.Reservation::close);
            assertThat(budgets).extracting(KvBudget::usedBytes).containsOnly(0L);
            budgets.forEach(KvBudget::close);
            assertThat(ledgers.size()).isZero();
        }
    }

    @Test
    void aLowerCeilingAdmitsNothingUntilRoomHasCome() {
        KvBudget old = open(100);
        KvBudget.Reservation answer = old.reserve(70).orElseThrow();
        KvBudget next = open(50);
        assertThat(next.freeBytes()).isZero();
        assertThat(next.reserve(1)).isEmpty();
        answer.shrinkTo(50);
        assertThat(next.reserve(1)).isEmpty();
        answer.shrinkTo(30);
        assertThat(next.reserve(21)).isEmpty();
        assertThat(next.reserve(20)).isPresent();
        assertThat(old.freeBytes()).as("the old one goes on under its own").isEqualTo(50);
    }

    @Test
    void whoeverWaitsForRoomIsNotPassedByTheOther() {
        KvBudget one = open(100);
        KvBudget other = open(100);
        KvBudget.Reservation answer = one.reserve(60).orElseThrow();
        assertThat(other.asks(50)).isFalse();
        assertThat(one.reserve(10)).as("the other waits").isEmpty();
        assertThat(one.asks(10)).isFalse();
        answer.close();
        assertThat(one.fits(10)).isFalse();
        assertThat(other.reserve(50)).isPresent();
        assertThat(other.reserve(10)).as("now it is the first one's turn").isEmpty();
        assertThat(one.reserve(10)).isPresent();
        assertThat(other.reserve(10)).isPresent();
    }

    @Test
    void whoeverWithdrawsOrEndsHoldsUpNobody() {
        KvBudget one = open(100);
        one.reserve(60).orElseThrow();
        KvBudget other = open(100);
        assertThat(other.asks(50)).isFalse();
        other.asksNoMore();
        assertThat(one.fits(10)).isTrue();
        assertThat(other.asks(50)).isFalse();
        other.close();
        assertThat(one.fits(10)).isTrue();
    }

    @Test
    void namesAreCountedApartAndForgottenWithTheirLastEngine() {
        KvBudget one = open(100);
        one.reserve(100).orElseThrow();
        KvBudget another = ledgers.open("another", held -> 10 + held);
        assertThat(another.totalBytes()).isEqualTo(10);
        assertThat(another.reserve(10)).isPresent();
        KvBudget next = ledgers.open("model", held -> 10 + held);
        assertThat(next.totalBytes()).as("what the old one holds is told").isEqualTo(110);
        assertThat(one.sharedTotalBytes()).isEqualTo(110);
        one.close();
        assertThat(ledgers.size()).isEqualTo(2);
        next.close();
        another.close();
        assertThat(ledgers.size()).isZero();
    }
}
