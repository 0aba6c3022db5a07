package dev.purekv.console.grpc;

import static dev.purekv.console.grpc.GrpcClient.input;
import static dev.purekv.console.grpc.GrpcClient.request;
import static dev.purekv.console.grpc.GrpcClient.statusOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.purekv.console.RunningConsole;
import inference.GrpcService.ModelInferRequest;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.MetadataUtils;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What clients may cost, and that it is given back. */
class GrpcLimitsTest {
    private static ModelInferRequest.Builder zeros(int bytes) {
        return request("mirror")
                .addInputs(input("x", "UINT8", bytes))
                .addRawInputContents(ByteString.copyFrom(new byte[bytes]));
    }

    private static void waitUntilNothingIsHeld(RunningConsole console) {
        Awaitility.await().until(() -> console.bean(GrpcDoor.class).heldBytes() == 0);
        Awaitility.await().until(() -> console.bean(RunningCalls.class).count() == 0);
    }

    @Test
    void aMessageMayBeAsLargeAsTheSettingSays() {
        try (RunningConsole console = RunningConsole.start("purekv.grpc.max-message-bytes=1MB");
                GrpcClient client = new GrpcClient(console)) {
            assertThat(client.blocking()
                            .modelInfer(zeros(1_000_000).build())
                            .getRawOutputContents(0)
                            .size())
                    .isEqualTo(1_000_000);
            for (String coding : new String[] {"identity", "gzip"}) { // one is a bomb
                assertThat(statusOf(() -> client.blocking()
                                        .withCompression(coding)
                                        .modelInfer(zeros(2_000_000).build()))
                                .getCode())
                        .isEqualTo(Code.RESOURCE_EXHAUSTED);
            }
            waitUntilNothingIsHeld(console);
        }
    }

    @Test
    void metadataMayBeAsLargeAsTheSettingSays() {
        Metadata metadata = new Metadata();
        metadata.put(Metadata.Key.of("trace", Metadata.ASCII_STRING_MARSHALLER), "x".repeat(20_000));
        for (Map.Entry<String, Boolean> setting :
                Map.of("16KB", false, "32KB", true).entrySet()) {
            try (RunningConsole console = RunningConsole.start("purekv.grpc.max-metadata-bytes=" + setting.getKey());
                    GrpcClient client = new GrpcClient(console)) {
                Status status = statusOf(() -> client.blocking()
                        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
                        .modelInfer(request("echo").build()));
                assertThat(status.isOk()).as("%s: %s", setting, status).isEqualTo(setting.getValue());
                client.blocking().modelInfer(request("echo").build());
                waitUntilNothingIsHeld(console);
            }
        }
    }

    @Test
    void aClientThatDoesNotReadIsCutAndItsRequestCancelled() throws Exception {
        try (RunningConsole console = RunningConsole.start();
                GrpcClient client = new GrpcClient(console)) {
            StreamedResponses responses = new StreamedResponses(false);
            client.async().modelStreamInfer(responses);
            responses.call.onNext(
                    request("forever 10000 0").setModelVersion("2").build());
            Awaitility.await().until(() -> console.server.cancelled.get() == 1);
            // What is in the transport's buffers and windows, and the queue; not what was made.
            assertThat(console.server.responsesSent.get() * 10_000L).isLessThan(8L << 20);
            responses.call.request(Integer.MAX_VALUE);
            Status end = responses.end();
            assertThat(end.getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
            assertThat(end.getDescription()).contains("slower");
            waitUntilNothingIsHeld(console);
        }
    }

    @Test
    void aConnectionAboveTheLimitIsToldSoAndTheOthersLiveOn() throws Exception {
        try (RunningConsole console = RunningConsole.start("purekv.grpc.max-connections=2");
                GrpcClient client = new GrpcClient(console)) {
            client.blocking().modelInfer(request("echo").build());
            try (Socket second = new Socket("127.0.0.1", console.grpcPort())) {
                second.setSoTimeout(30_000);
                assertThat(second.getInputStream().read())
                        .as("the server's settings")
                        .isZero();
                try (Socket third = new Socket("127.0.0.1", console.grpcPort())) {
                    third.setSoTimeout(30_000);
                    String words = new String(third.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
                    assertThat(words).contains("all 2 connections that purekv.grpc.max-connections allows");
                }
                try (GrpcClient one = new GrpcClient(console)) {
                    Status refused = statusOf(
                            () -> one.blocking().modelInfer(request("echo").build()));
                    assertThat(refused.getCode()).isEqualTo(Code.UNAVAILABLE);
                }
                client.blocking().modelInfer(request("echo").build());
            }
            Awaitility.await().untilAsserted(() -> {
                try (GrpcClient another = new GrpcClient(console)) {
                    another.blocking().modelInfer(request("echo").build());
                }
            });
        }
    }

    @Test
    void callsAboveTheLimitAreToldToComeAgain() throws Exception {
        try (RunningConsole console = RunningConsole.start("purekv.grpc.max-calls=1");
                GrpcClient client = new GrpcClient(console)) {
            StreamedResponses running = new StreamedResponses(true);
            client.async().modelStreamInfer(running);
            running.call.onNext(request("forever 1 20").setModelVersion("2").build());
            Awaitility.await().until(() -> !running.messages.isEmpty());
            Status refused =
                    statusOf(() -> client.blocking().modelInfer(request("echo").build()));
            assertThat(refused.getCode()).isEqualTo(Code.UNAVAILABLE);
            assertThat(refused.getDescription()).contains("purekv.grpc.max-calls");
            StreamedResponses further = new StreamedResponses(true);
            client.async().modelStreamInfer(further);
            assertThat(further.end().getCode()).isEqualTo(Code.UNAVAILABLE);
            running.call.cancel("enough", null);
            waitUntilNothingIsHeld(console);
            client.blocking().modelInfer(request("echo").build());
        }
    }

    @Test
    void messagesTogetherMayNotExceedTheBudget() {
        MessageBudget budget = new MessageBudget(100);
        InboundBytes call = (InboundBytes) InboundBytes.factory(budget).newServerStreamTracer("m", new Metadata());
        call.inboundWireSize(60);
        assertThatThrownBy(() -> budget.reserve(50)).hasMessageContaining("RESOURCE_EXHAUSTED");
        assertThatThrownBy(() -> call.inboundUncompressedSize(101)).hasMessageContaining("RESOURCE_EXHAUSTED");
        HeldBytes held = call.take();
        call.inboundWireSize(40);
        assertThat(budget.heldBytes()).isEqualTo(100);
        call.streamClosed(Status.OK);
        call.inboundWireSize(40); // of a message that nobody reads any more
        assertThat(budget.heldBytes()).isEqualTo(60);
        held.release();
        held.release();
        assertThat(budget.heldBytes()).isZero();
    }
}
