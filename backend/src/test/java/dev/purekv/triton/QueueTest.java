package dev.purekv.triton;

import static dev.purekv.triton.Requests.flag;
import static dev.purekv.triton.Requests.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

/** Requests that wait in Triton's own queue, because the engine answers one at a time and its seats are taken. */
class QueueTest {
    /** More than the engine's seats and the instances that wait outside. */
    private static final int FILLERS = 8;

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

    /** One answer that lasts, and enough behind it that whoever comes now waits in Triton's queue. */
    private List<Asked> fill() throws Exception {
        List<Asked> asked = new ArrayList<>();
        asked.add(new Asked(request(90_000, 0, 0)));
        asked.get(0).begun.get(10, TimeUnit.SECONDS);
        for (int i = 0; i < FILLERS; i++) {
            asked.add(new Asked(request(1, 0, 0)));
        }
        return asked;
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
        before.get(0).running.cancel();
        for (Asked each : after) {
            assertThat(each.await()).isNull();
        }
        assertThat(order).containsExactly(1, 1, 0, 2, 3, 3);
    }

    @Test
    void aFullQueueIsARefusalThatPasses() throws Exception {
        start(ONE_AT_A_TIME + " dynamic_batching { default_queue_policy { max_queue_size: 4 } }");
        new Asked(request(90_000, 0, 0)).begun.get(10, TimeUnit.SECONDS);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 20; i++) {
                        new Asked(request(1, 0, 0));
                    }
                })
                .isInstanceOfSatisfying(
                        ServerException.class, e -> assertThat(e.status()).isEqualTo(Status.UNAVAILABLE))
                .hasMessageContaining("maximum queue size");
    }

    /** The first is told although nothing moves; the second when the queue moves next, for nobody hears it. */
    @Test
    void whoWaitedTooLongOrLeftIsNeverAnswered() throws Exception {
        start(ONE_AT_A_TIME);
        List<Asked> before = fill();
        Asked impatient = new Asked(request(1, 0, 1000));
        Asked gone = new Asked(request(1, 0, 0));
        gone.running.cancel();
        assertThat(impatient.await()).hasMessageContaining("timeout expired");
        assertThat(impatient.await().status()).isEqualTo(Status.UNAVAILABLE);
        assertThat(before.get(0).end).isNotDone();
        before.get(0).running.cancel();
        assertThat(gone.await().status()).isEqualTo(Status.CANCELLED);
        for (Asked each : before.subList(1, before.size())) {
            assertThat(each.await()).isNull();
        }
        // The long one, which was cancelled, and the two: the other eight were answered.
        assertThat(server.statistics("counting", "")).contains("\"success\":{\"count\":" + FILLERS + ",");
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
