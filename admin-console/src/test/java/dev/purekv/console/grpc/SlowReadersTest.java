package dev.purekv.console.grpc;

import static dev.purekv.console.grpc.GrpcClient.input;
import static dev.purekv.console.grpc.GrpcClient.request;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.purekv.console.RunningConsole;
import dev.purekv.console.patience.WaitingBytes;
import inference.GrpcService.ModelInferRequest;
import inference.GrpcService.ModelInferResponse;
import io.grpc.ClientCall;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients that do not read what they asked for, or take their time over it. */
class SlowReadersTest {
    private static final int LARGE = 20_000_000; // more than windows and sockets hold

    private static RunningConsole console;

    @BeforeAll
    static void start() {
        console = RunningConsole.start("purekv.grpc.stall-timeout=2s");
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @AfterEach
    void nothingIsLeft() {
        awaitNoCalls();
        Awaitility.await().until(() -> console.bean(WaitingBytes.class).heldBytes() == 0);
        Awaitility.await().until(() -> console.bean(GrpcDoor.class).heldBytes() == 0);
    }

    private static void awaitNoCalls() {
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .until(() -> console.bean(RunningCalls.class).count() == 0);
    }

    private static ModelInferRequest zeros(int bytes) {
        return request("mirror")
                .addInputs(input("x", "UINT8", bytes))
                .addRawInputContents(ByteString.copyFrom(new byte[bytes]))
                .build();
    }

    @Test
    void aStreamWhoseClientStopsReadingIsCut() throws Exception {
        try (GrpcClient client = new GrpcClient(console)) {
            StreamedResponses responses = new StreamedResponses(false);
            client.async().modelStreamInfer(responses);
            // The first goes to the transport and fills the window; the second waits.
            responses.call.onNext(zeros(3_000_000));
            responses.call.onNext(zeros(3_000_000));
            Awaitility.await().until(() -> console.bean(WaitingBytes.class).heldBytes() > 6_000_000);
            awaitNoCalls();
            responses.call.request(Integer.MAX_VALUE);
            assertThat(responses.end().getCode()).isEqualTo(Code.CANCELLED);
            assertThat(responses.messages).isEmpty();
        }
    }

    @Test
    void soIsOneBehindWhoseOnlyMessageNothingWaits() throws Exception {
        try (GrpcClient client = new GrpcClient(console)) {
            StreamedResponses responses = new StreamedResponses(false);
            client.async().modelStreamInfer(responses);
            responses.call.onNext(zeros(3_000_000));
            Awaitility.await().until(() -> console.bean(WaitingBytes.class).heldBytes() > 3_000_000);
            awaitNoCalls();
            responses.call.request(Integer.MAX_VALUE);
            assertThat(responses.end().getCode()).isEqualTo(Code.CANCELLED);
        }
    }

    @Test
    void aSingleCallWhoseClientDoesNotReadIsCut() throws Exception {
        try (GrpcClient client = new GrpcClient(console)) {
            CompletableFuture<Status> end = new CompletableFuture<>();
            ClientCall<ModelInferRequest, ModelInferResponse> call = client.single(end);
            call.sendMessage(zeros(LARGE));
            call.halfClose();
            Awaitility.await().until(() -> console.bean(WaitingBytes.class).heldBytes() > LARGE);
            awaitNoCalls();
            call.request(1);
            assertThat(end.get(60, TimeUnit.SECONDS).getCode()).isEqualTo(Code.CANCELLED);
            // The connection serves on.
            assertThat(client.blocking().modelInfer(zeros(10)).getOutputsCount())
                    .isOne();
        }
    }

    @Test
    void aClientThatReadsSlowlyGetsAllOfItsAnswer() throws Exception {
        try (SlowWire wire = new SlowWire(console.grpcPort(), 1 << 18, 60); // five seconds in all
                GrpcClient client = new GrpcClient(wire.port())) {
            ModelInferResponse response = client.blocking().modelInfer(zeros(LARGE));
            assertThat(response.getRawOutputContents(0).size()).isEqualTo(LARGE);
            StreamedResponses responses = new StreamedResponses(true);
            client.async().modelStreamInfer(responses);
            responses.call.onNext(zeros(LARGE));
            responses.call.onNext(zeros(10));
            responses.call.onCompleted();
            assertThat(responses.end()).isEqualTo(Status.OK);
            assertThat(responses.messages).hasSize(2);
        }
    }

    @Test
    void aLargeResponseThatFindsNoRoomIsDroppedAndItsClientTold() throws Exception {
        WaitingBytes waiting = console.bean(WaitingBytes.class);
        waiting.add(waiting.limitBytes());
        try (GrpcClient client = new GrpcClient(console)) {
            Status refused = GrpcClient.statusOf(() -> client.blocking().modelInfer(zeros(100_000)));
            assertThat(refused.getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
            assertThat(refused.getDescription()).contains("wait for clients to read them");
            assertThat(client.blocking().modelInfer(zeros(10)).getOutputsCount())
                    .isOne();

            StreamedResponses responses = new StreamedResponses(true);
            client.async().modelStreamInfer(responses);
            responses.call.onNext(zeros(100_000).toBuilder().setId("large").build());
            responses.call.onNext(zeros(10).toBuilder().setId("small").build());
            responses.call.onCompleted();
            assertThat(responses.end()).isEqualTo(Status.OK);
            assertThat(responses.messages).hasSize(2);
            assertThat(responses.messages.get(0).getErrorMessage()).contains("wait for clients to read them");
            assertThat(responses.messages.get(0).getInferResponse().getId()).isEqualTo("large");
            assertThat(responses.messages.get(1).getErrorMessage()).isEmpty();
        } finally {
            waiting.release(waiting.limitBytes());
        }
    }
}
