package dev.purekv.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.NoNativeLeak;
import dev.purekv.ServingException;
import dev.purekv.ServingException.Code;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** All the ways in which a request ends before its answer does, each of them once. */
@ExtendWith(NoNativeLeak.class)
class EngineEndsTest {
    private final FakeModel model = new FakeModel();
    private final Counts counts = new Counts();
    private final CountDownLatch hold = new CountDownLatch(1);
    private final CountDownLatch reached = new CountDownLatch(1);
    private Engine engine;

    @BeforeEach
    void start() {
        engine = EngineTest.engine(model, 200_000, 8, counts);
    }

    @AfterEach
    void everythingIsGivenBack() {
        hold.countDown();
        engine.close();
        assertThat(model.open).hasValue(0);
        assertThat(model.bytes).hasValue(0);
        assertThat(counts.usedBytes).isZero();
    }

    private void holdHere() {
        reached.countDown();
        try {
            assertThat(hold.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private Client longAnswer() throws Exception {
        Client client = Client.ask(engine, Client.request(1, 5000));
        client.begun.get(10, TimeUnit.SECONDS);
        return client;
    }

    private void assertServes() throws Exception {
        assertThat(Client.ask(engine, Client.request(3, 4)).await().text()).isEqualTo(FakeModel.answer(3, 4));
    }

    @Test
    void whoeverOperatesTheServerSeesWhatIsUnderWayAndMayEndIt() throws Exception {
        model.atPiece = length -> {
            if (length == 7) {
                holdHere();
            }
        };
        Client answer = longAnswer();
        Client prompt = Client.ask(engine, Client.request(7, 5000));
        assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();
        List<OpenRequest> open = engine.requests();
        assertThat(open).extracting(OpenRequest::stage).containsExactly(Meters.Stage.DECODE, Meters.Stage.PREFILL);
        assertThat(open).extracting(OpenRequest::promptTokens).containsExactly(1, 7);
        assertThat(open.get(0).generatedTokens()).isPositive();
        assertThat(open).extracting(OpenRequest::cacheBytes).allMatch(bytes -> bytes > 0);
        assertThat(engine.cancel(open.get(1).number())).isTrue();
        hold.countDown();
        assertThat(prompt.await().problem())
                .hasMessageContainingAll("an operator of the server cancelled", "its prompt was being computed");
        assertThat(prompt.await().problem().code()).isEqualTo(Code.CANCELLED);
        assertThat(engine.cancel(open.get(0).number())).isTrue();
        assertThat(answer.await().problem()).hasMessageContaining("its answer had");
        assertThat(engine.requests()).isEmpty();
        assertThat(engine.cancel(open.get(0).number())).isFalse();
        assertServes();
    }

    private void assertCancelled(Client client, Meters.Stage stage) throws Exception {
        assertThat(client.await().problem().code()).isEqualTo(Code.CANCELLED);
        assertThat(client.ends).hasValue(1);
        assertThat(counts.cancelled).containsExactly(stage);
    }

    @Test
    void aClientMayLeaveWhileItWaits() throws Exception {
        Client first = Client.ask(engine, heldInPreparation());
        Client.ask(engine, heldInPreparation());
        while (engine.requests().stream().anyMatch(each -> each.stage() != Meters.Stage.PREPARATION)) {
            Thread.onSpinWait();
        }
        Client second = Client.ask(engine, Client.request(2, 2));
        second.gone = true;
        assertCancelled(second, Meters.Stage.QUEUE); // although those before it are stuck
        hold.countDown();
        assertThat(first.await().text()).isEqualTo(FakeModel.answer(2, 2));
    }

    @Test
    void aClipThatIsDecodedForLongHoldsUpNobody() throws Exception {
        Client slow = Client.ask(engine, heldInPreparation());
        assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();
        for (int length = 3; length < 10; length++) { // more than are prepared ahead
            Client other = Client.ask(engine, Client.request(length, 2));
            assertThat(other.await().text()).isEqualTo(FakeModel.answer(length, 2));
        }
        assertThat(slow.end).isNotDone();
        hold.countDown();
        assertThat(slow.await().text()).isEqualTo(FakeModel.answer(2, 2));
    }

    private GenerationRequest heldInPreparation() {
        return new GenerationRequest(
                (encoder, cancelled) -> {
                    holdHere();
                    return FakeModel.prompt(2);
                },
                Map.of("max_tokens", 2),
                Map.of(),
                System.nanoTime(),
                0);
    }

    @Test
    void aClientMayLeaveWhileItsClipIsDecoded() throws Exception {
        Client client = Client.ask(
                engine,
                new GenerationRequest(
                        (encoder, cancelled) -> {
                            reached.countDown();
                            while (!cancelled.getAsBoolean()) {
                                Thread.onSpinWait();
                            }
                            throw ServingException.cancelled("as decoders do");
                        },
                        Map.of(),
                        Map.of(),
                        System.nanoTime(),
                        0));
        assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();
        client.gone = true;
        assertCancelled(client, Meters.Stage.PREPARATION);
        assertServes();
    }

    @Test
    void aClientMayLeaveWhileItsPromptIsComputed() throws Exception {
        Client other = longAnswer();
        model.atPiece = length -> holdHere();
        Client client = Client.ask(engine, Client.request(50, 5));
        assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();
        client.gone = true;
        hold.countDown();
        assertCancelled(client, Meters.Stage.PREFILL);
        assertThat(other.await().text()).isEqualTo(FakeModel.answer(1, 5000));
    }

    @Test
    void aClientMayLeaveInTheMiddleOfItsAnswer() throws Exception {
        Client other = longAnswer();
        Client client = Client.ask(engine, Client.request(2, 90_000));
        client.begun.get(10, TimeUnit.SECONDS);
        client.gone = true;
        assertCancelled(client, Meters.Stage.DECODE);
        assertThat(other.await().text()).isEqualTo(FakeModel.answer(1, 5000));
    }

    @Test
    void timeThatIsOverBeforeTheFirstTokenIsARefusal() throws Exception {
        model.atPiece = length -> holdHere();
        GenerationRequest late = new GenerationRequest(
                (encoder, cancelled) -> FakeModel.prompt(5), Map.of(), Map.of(), System.nanoTime(), 300_000);
        Client client = Client.ask(engine, late);
        Client behind = Client.ask(engine, Client.request(1, Map.of("max_seconds", 0.3)));
        assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();
        Thread.sleep(400);
        hold.countDown();
        for (Client each : List.of(client, behind)) {
            assertThat(each.await().problem().code()).isEqualTo(Code.OUT_OF_CAPACITY);
            assertThat(each.await().problem()).hasMessageContaining("0.300 s");
        }
        assertThat(counts.cancelled).isEmpty();
    }

    @Test
    void timeCountsFromTheArrivalAndNotFromTheSubmission() throws Exception {
        GenerationRequest late = new GenerationRequest(
                (encoder, cancelled) -> FakeModel.prompt(5),
                Map.of("max_seconds", 5),
                Map.of(),
                System.nanoTime() - 6_000_000_000L,
                0);
        assertThat(Client.ask(engine, late).await().problem()).hasMessageContaining("5.000 s");
    }

    @Test
    void timeThatIsOverAfterwardsEndsTheAnswerByLength() throws Exception {
        Client client = Client.ask(engine, Client.request(1, Map.of("max_tokens", 90_000, "max_seconds", 0.2)));
        Client.End end = client.await();
        assertThat(end.reason()).isEqualTo(Finish.LENGTH);
        assertThat(end.text()).isEqualTo(FakeModel.answer(1, end.text().length()));
        assertThat(end.text().length()).isBetween(1, 89_999);
    }

    @Test
    void oneThatBreaksAStepFallsAloneAndTheOthersLoseNothing() throws Exception {
        model.atStep = length -> {
            if (length == 13) {
                throw new OutOfMemoryError("as asked");
            }
        };
        Client other = longAnswer();
        Client broken = Client.ask(engine, Client.request(13, 50));
        assertThat(broken.await().problem().code()).isEqualTo(Code.OUT_OF_CAPACITY);
        assertThat(other.await().text()).isEqualTo(FakeModel.answer(1, 5000));
        assertServes();
    }

    @Test
    void oneThatBreaksItsPromptFallsAlone() throws Exception {
        model.atPiece = length -> {
            if (length == 13) {
                throw new StackOverflowError();
            }
        };
        Client other = longAnswer();
        assertThat(Client.ask(engine, Client.request(13, 50)).await().problem().code())
                .isEqualTo(Code.INTERNAL);
        assertThat(other.await().text()).isEqualTo(FakeModel.answer(1, 5000));
        assertServes();
    }

    @Test
    void aCacheThatCannotBeFreedChangesNoAnswer() throws Exception {
        model.atClose = length -> {
            throw new IllegalStateException("as asked");
        };
        for (int i = 0; i < 20; i++) { // more than may run at once
            Client client = Client.ask(engine, Client.request(3, 2));
            assertThat(client.await().text()).isEqualTo(FakeModel.answer(3, 2));
            assertThat(client.ends).hasValue(1);
        }
    }

    @Test
    void aSinkThatFailsHurtsNobodyElse() throws Exception {
        Client other = longAnswer();
        CompletableFuture<ServingException> heard = new CompletableFuture<>();
        engine.submit(Client.request(5, 50), new AnswerSink() {
            @Override
            public boolean cancelled() {
                return false;
            }

            @Override
            public void started(int promptTokens) {}

            @Override
            public void piece(Piece piece) {
                throw new IllegalStateException("no way out");
            }

            @Override
            public void finished(Piece last, Finish reason, AnswerMetrics metrics) {}

            @Override
            public void failed(ServingException problem) {
                heard.complete(problem);
            }
        });
        assertThat(heard.get(10, TimeUnit.SECONDS)).hasMessageContaining("no way out");
        assertThat(other.await().text()).isEqualTo(FakeModel.answer(1, 5000));
    }

    @Test
    void closingEndsEverybodyOnce() throws Exception {
        Client running = longAnswer();
        model.atPiece = length -> holdHere();
        List<Client> clients = List.of(
                running,
                Client.ask(engine, Client.request(5, 5)),
                Client.ask(engine, Client.request(6, 5)),
                Client.ask(engine, Client.request(7, 5)));
        assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();
        Thread closing = new Thread(engine::close);
        closing.start();
        while (!clients.get(3).end.isDone()) {
            Thread.onSpinWait(); // who waits is told at once
        }
        hold.countDown();
        closing.join(10_000);
        for (Client each : clients) {
            assertThat(each.await().problem().code()).isEqualTo(Code.OUT_OF_CAPACITY);
            assertThat(each.ends).hasValue(1);
        }
    }

    @Test
    void aFullHeapInPreparationIsNoFaultOfTheRequest() throws Exception {
        for (int i = 0; i < 5; i++) { // more than sit at once: each must be forgotten
            Client client = Client.ask(engine, failing(new OutOfMemoryError("Java heap space")));
            assertThat(client.await().problem().code()).isEqualTo(Code.OUT_OF_CAPACITY);
            assertThat(client.await().problem()).hasMessageContaining("-Xmx");
        }
        Client last = Client.ask(engine, failing(new StackOverflowError()));
        assertThat(last.await().problem().code()).isEqualTo(Code.INTERNAL);
        assertServes();
    }

    private static GenerationRequest failing(Error failure) {
        return new GenerationRequest(
                (encoder, cancelled) -> {
                    throw failure;
                },
                Map.of(),
                Map.of(),
                System.nanoTime(),
                0);
    }
}
