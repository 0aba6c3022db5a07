package dev.purekv.triton;

import static dev.purekv.triton.Requests.flag;
import static dev.purekv.triton.Requests.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.server.InferenceRequest;
import dev.purekv.server.RunningInference;
import dev.purekv.server.Scheduling;
import dev.purekv.server.ServerException;
import dev.purekv.server.ServerException.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that wait, because the engine answers one at a time. */
class QueueTest {
    /** More than the engine prepares ahead of their turn. */
    private static final int FILLERS = 4;

    private static final String ONE_AT_A_TIME =
            "backend: \"purekv\"" + " parameters { key: \"max_concurrent_sequences\" value { string_value: \"1\" } }";

    @TempDir
    Path repository;

    private EmbeddedServer server;

    private void start(String config) throws IOException {
        Path version = Files.createDirectories(repository.resolve("counting/1"));
        Files.writeString(version.resolve("config.json"), "{}");
        Files.writeString(repository.resolve("counting/config.pbtxt"), config);
        server = EmbeddedServer.start(
                EmbeddedServerOptions.of(repository), (checkpoint, settings) -> CountingModel.load());
    }

    @AfterEach
    void stop() {
        server.close();
        assertThat(server.outstanding()).isZero();
    }

    private static InferenceRequest request(long tokens, long priority, long timeoutMicros) {
        return new InferenceRequest(
                "counting",
                "",
                "",
                List.of(text("text_input", "hi"), flag("stream", true)),
                List.of(),
                Map.of("max_tokens", tokens),
                new Scheduling(null, false, false, priority, timeoutMicros));
    }

    /** Somebody whose first response and end can be waited for. */
    private final class Asked {
        final CompletableFuture<Void> begun = new CompletableFuture<>();
        final CompletableFuture<ServerException> end = new CompletableFuture<>(); // null after an answer
        final RunningInference running;

        Asked(InferenceRequest request, Runnable atEnd) {
            running = server.infer(request, (response, last) -> {
                begun.complete(null);
                if (last) {
                    atEnd.run();
                    end.complete(response == null ? null : response.error());
                }
            });
        }

        Asked(InferenceRequest request) {
            this(request, () -> {});
        }

        ServerException await() throws Exception {
            return end.get(20, TimeUnit.SECONDS);
        }
    }

    /** One answer that lasts, and enough behind it that whoever comes now waits unprepared. */
    private List<Asked> fill() throws Exception {
        List<Asked> asked = new ArrayList<>();
        asked.add(new Asked(request(90_000, 0, 0)));
        asked.get(0).begun.get(10, TimeUnit.SECONDS);
        for (int i = 0; i < FILLERS; i++) {
            asked.add(new Asked(request(1, 0, 0)));
        }
        return asked;
    }

    /** Triton hands requests over on a thread of its own. */
    private void awaitWaiting(int requests) throws InterruptedException {
        String wanted = "purekv:num_requests_waiting{model=\"counting\",version=\"1\"} " + requests + "\n";
        long end = System.nanoTime() + 20_000_000_000L;
        while (!server.metrics().contains(wanted)) {
            assertThat(System.nanoTime()).as(server.metrics()).isLessThan(end);
            Thread.sleep(10);
        }
    }

    @Test
    void lowNumbersComeFirstAndTheDefaultIsInTheMiddle() throws Exception {
        start(ONE_AT_A_TIME);
        List<Asked> before = fill();
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        List<Asked> after = new ArrayList<>();
        for (int priority : new int[] {3, 3, 0, 1, 2, 1}) {
            after.add(new Asked(request(1, priority, 0), () -> order.add(priority)));
        }
        awaitWaiting(FILLERS + after.size());
        before.get(0).running.cancel();
        for (Asked each : after) {
            assertThat(each.await()).isNull();
        }
        assertThat(order).containsExactly(1, 1, 0, 2, 3, 3);
    }

    @Test
    void aFullQueueIsARefusalThatPasses() throws Exception {
        start(ONE_AT_A_TIME);
        Asked running = new Asked(request(90_000, 0, 0));
        running.begun.get(10, TimeUnit.SECONDS);
        List<Asked> asked = new ArrayList<>();
        for (int i = 0; i < 260; i++) {
            asked.add(new Asked(request(1, 0, 0)));
        }
        ServerException refused = asked.get(259).await();
        assertThat(refused.status()).isEqualTo(Status.UNAVAILABLE);
        assertThat(refused).hasMessageContaining("256 requests already wait").hasMessageContaining("retry");
        assertThat(asked.get(0).end).isNotDone();
        running.running.cancel();
        assertThat(asked.get(0).await()).isNull();
    }

    @Test
    void whoWaitsTooLongOrLeavesIsToldAlthoughNothingMoves() throws Exception {
        start(ONE_AT_A_TIME);
        List<Asked> before = fill();
        Asked impatient = new Asked(request(1, 0, 1000));
        Asked gone = new Asked(request(1, 0, 0));
        gone.running.cancel();
        assertThat(impatient.await().status()).isEqualTo(Status.UNAVAILABLE);
        assertThat(impatient.await()).hasMessageContaining("0.001 s");
        assertThat(gone.await().status()).isEqualTo(Status.CANCELLED);
        assertThat(before.get(0).end).isNotDone();
    }

    @Test
    void theTimeoutGoesOnCountingAfterTheQueue() throws Exception {
        start(ONE_AT_A_TIME);
        List<Asked> before = fill();
        Asked seated = new Asked(request(90_000, 0, 3_000_000)); // would take more than a minute
        before.get(0).running.cancel();
        assertThat(seated.await()).as("an answer that ends by length").isNull();
    }

    @Test
    void aStopLetsEverybodyGo() throws Exception {
        start(ONE_AT_A_TIME);
        List<Asked> all = fill();
        server.drain();
        assertThat(server.ready()).isFalse();
        for (Asked each : all.subList(1, all.size())) {
            assertThat(each.await().status()).isEqualTo(Status.UNAVAILABLE);
        }
        assertThat(all.get(0).end).as("what runs goes on").isNotDone();
        server.close();
        assertThat(all.get(0).await().status()).isEqualTo(Status.UNAVAILABLE);
    }
}
