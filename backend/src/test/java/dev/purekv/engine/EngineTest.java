package dev.purekv.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.NoNativeLeak;
import dev.purekv.ServingException;
import dev.purekv.cache.KvLedgers;
import dev.purekv.settings.ModelSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many questions at once, with a model whose bytes and steps can be watched. */
@ExtendWith(NoNativeLeak.class)
class EngineTest {
    private final FakeModel model = new FakeModel();
    private final Counts counts = new Counts();

    static Engine engine(FakeModel model, long bytes, int sequences, Meters meters) {
        return engine(model, bytes, sequences, meters, new KvLedgers());
    }

    private static Engine engine(FakeModel model, long bytes, int sequences, Meters meters, KvLedgers ledgers) {
        ModelSettings settings = ModelSettings.read(
                Map.of("kv_cache_bytes", String.valueOf(bytes), "max_concurrent_sequences", String.valueOf(sequences)));
        return new Engine("test", model.loaded(), settings, meters, ledgers);
    }

    private Engine engine(long bytes, int sequences) {
        return engine(model, bytes, sequences, counts);
    }

    @Test
    void answersUnderWayTakeTheirStepsTogether() throws Exception {
        // Slow until all are there, or the first ones would have ended by then.
        model.atStep = length -> {
            if (counts.prefilled.get() < 7) {
                sleep(1);
            }
        };
        List<Client> clients = new ArrayList<>();
        try (Engine engine = engine(100_000, 8)) {
            for (int length = 1; length <= 7; length++) {
                clients.add(Client.ask(engine, Client.request(length, 4000)));
            }
            for (int i = 0; i < 7; i++) {
                assertThat(clients.get(i).await().text()).isEqualTo(FakeModel.answer(i + 1, 4000));
            }
        }
        assertThat(model.largestStep).isEqualTo(7);
        assertThat(counts.laterTokens).hasValue(7 * 3999);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void noMoreAnswersRunThanAreAllowed() throws Exception {
        try (Engine engine = engine(10_000, 3)) {
            for (Client each : IntStream.range(0, 10)
                    .mapToObj(i -> Client.ask(engine, Client.request(5, 50)))
                    .toList()) {
                assertThat(each.await().text()).isEqualTo(FakeModel.answer(5, 50));
            }
        }
        assertThat(model.largestStep).isBetween(2, 3);
    }

    /** A few hundred requests of all sizes, some of whose clients leave: no ceiling is passed, nothing is left, all end once. */
    @Test
    void cachesStayBelowTheCeilingAndAllBytesComeBack() throws Exception {
        for (int seed = 0; seed < 5; seed++) {
            Random random = new Random(seed);
            FakeModel watched = new FakeModel();
            Counts counted = new Counts();
            List<Client> clients = new ArrayList<>();
            try (Engine engine = engine(watched, 120, 5, counted)) {
                for (int i = 0; i < 100; i++) {
                    int length = 1 + random.nextInt(40);
                    Client client = Client.ask(engine, Client.request(length, 1 + random.nextInt(40)));
                    client.gone = random.nextInt(4) == 0;
                    clients.add(client);
                }
                for (Client each : clients) {
                    each.await();
                    assertThat(each.ends).hasValue(1);
                }
            }
            assertThat(watched.mostBytes).as("seed %d", seed).isLessThanOrEqualTo(120);
            assertThat(counted.mostUsedBytes).isBetween(watched.mostBytes / 2, 120L);
            assertThat(watched.bytes).hasValue(0);
            assertThat(watched.open).hasValue(0);
            assertThat(counted.usedBytes).isZero();
            assertThat(counted.running).isZero();
            assertThat(counted.waiting).isZero();
            assertThat(counted.finished.get() + counted.cancelled.size()).isEqualTo(100);
        }
    }

    /** As while a model is loaded again: the old engine still has answers and requests that wait, and both get on. */
    @Test
    void twoEnginesOfOneModelStayBelowItsCeilingTogether() throws Exception {
        for (int seed = 0; seed < 5; seed++) {
            Random random = new Random(seed);
            FakeModel watched = new FakeModel();
            KvLedgers ledgers = new KvLedgers();
            List<Client> clients = new ArrayList<>();
            try (Engine old = engine(watched, 120, 5, Meters.NONE, ledgers);
                    Engine next = engine(watched, 120, 5, Meters.NONE, ledgers)) {
                for (int i = 0; i < 100; i++) {
                    Engine engine = random.nextBoolean() ? old : next;
                    int length = 1 + random.nextInt(40);
                    clients.add(Client.ask(engine, Client.request(length, 1 + random.nextInt(40))));
                }
                for (Client each : clients) {
                    assertThat(each.await().problem()).isNull();
                }
            }
            assertThat(watched.mostBytes).as("seed %d", seed).isBetween(60L, 120L);
            assertThat(watched.bytes).hasValue(0);
        }
    }

    @Test
    void aPromptThatCanNeverFitIsRefusedWithBothNumbers() throws Exception {
        try (Engine engine = engine(100, 8)) {
            ServingException refused =
                    Client.ask(engine, Client.request(45, 11)).await().problem();
            assertThat(refused.code()).isEqualTo(ServingException.Code.INVALID_REQUEST);
            assertThat(refused)
                    .hasMessageContainingAll("101 bytes", "45 prompt tokens", "kv_cache_bytes 100", "max_tokens");
            assertThat(Client.ask(engine, Client.request(45, 10)).await().text())
                    .isEqualTo(FakeModel.answer(45, 10));
        }
    }

    @Test
    void aSmallPromptNeverOvertakesALargeOneThatWaitsForRoom() throws Exception {
        List<Integer> order = new ArrayList<>(); // filled on the engine thread, read after its end
        model.atPiece = length -> {
            if (order.isEmpty() || order.get(order.size() - 1) != length) {
                order.add(length);
            }
        };
        try (Engine engine = engine(100, 8)) {
            Client first = Client.ask(engine, Client.request(20, 50));
            Client large = Client.ask(engine, Client.request(40, 10));
            Client small = Client.ask(engine, Client.request(1, 1));
            assertThat(first.await().text()).hasSize(50);
            assertThat(large.await().text()).hasSize(10);
            assertThat(small.await().text()).hasSize(1);
        }
        assertThat(order).containsExactly(20, 40, 1);
    }

    @Test
    void answersGoOnWhileALongPromptIsComputed() throws Exception {
        model.atPiece = length -> {
            if (length == 1000) {
                sleep(1);
            }
        };
        model.atStep = length -> sleep(1);
        try (Engine engine = engine(100_000, 8)) {
            Client answer = Client.ask(engine, Client.request(1, 50_000));
            answer.begun.get(10, TimeUnit.SECONDS);
            Client prompt = Client.ask(engine, Client.request(1000, 1));
            int before = answer.pieces.get();
            assertThat(prompt.await().text()).hasSize(1);
            // A thousand pieces of a millisecond beside steps of a millisecond: about one step for nine of them.
            assertThat(answer.pieces.get() - before).isBetween(30, 400);
            answer.gone = true;
            answer.await();
        }
    }

    private static void sleep(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whoComesWhenTooManyWaitIsRefusedAndADrainRefusesThoseToo() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch hold = new CountDownLatch(1);
        model.atPiece = length -> {
            begun.countDown();
            await(hold);
        };
        try (Engine engine = engine(10_000, 8)) {
            Client running = Client.ask(engine, Client.request(1, 3));
            await(begun);
            List<Client> waiting = IntStream.range(0, 256)
                    .mapToObj(i -> Client.ask(engine, Client.request(1, 3)))
                    .toList();
            assertThatThrownBy(() -> engine.submit(Client.request(1, 3), new Client()))
                    .isInstanceOf(ServingException.class)
                    .hasMessageContaining("256 requests already wait");
            engine.drain();
            hold.countDown();
            assertThat(running.await().text()).as("what is under way ends well").hasSize(3);
            for (Client refused : waiting) {
                assertThat(refused.await().problem().code()).isEqualTo(ServingException.Code.OUT_OF_CAPACITY);
                assertThat(refused.await().problem()).hasMessageContaining("stopping");
                assertThat(refused.ends).hasValue(1);
            }
            assertThatThrownBy(() -> engine.submit(Client.request(1, 1), new Client()))
                    .isInstanceOf(ServingException.class)
                    .hasMessageContaining("stopping");
        }
    }
}
