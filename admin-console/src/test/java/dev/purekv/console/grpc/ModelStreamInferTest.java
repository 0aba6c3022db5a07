package dev.purekv.console.grpc;

import static dev.purekv.console.grpc.GrpcClient.flag;
import static dev.purekv.console.grpc.GrpcClient.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import inference.GRPCInferenceServiceGrpc;
import inference.GrpcService.ModelInferRequest;
import inference.GrpcService.ModelInferResponse;
import inference.GrpcService.ModelStreamInferResponse;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.MetadataUtils;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ModelStreamInferTest {
    private static RunningConsole console;
    private static GrpcClient client;

    @BeforeAll
    static void start() {
        console = RunningConsole.start();
        client = new GrpcClient(console);
    }

    @AfterAll
    static void stop() {
        client.close();
        console.close();
    }

    @AfterEach
    void nothingIsLeft() {
        Awaitility.await().until(() -> console.bean(RunningCalls.class).count() == 0);
        Awaitility.await().until(() -> console.bean(GrpcDoor.class).heldBytes() == 0);
    }

    /** Of the version that may give any number of responses. */
    private static ModelInferRequest decoupled(String script, String id) {
        return request(script).setModelVersion("2").setId(id).build();
    }

    private static ModelInferRequest single(String script, String id) {
        return request(script).setId(id).build();
    }

    private static StreamedResponses open() {
        StreamedResponses responses = new StreamedResponses(true);
        client.async().modelStreamInfer(responses);
        return responses;
    }

    private static StreamedResponses send(ModelInferRequest... requests) throws Exception {
        StreamedResponses responses = open();
        for (ModelInferRequest each : requests) {
            responses.call.onNext(each);
        }
        responses.call.onCompleted();
        assertThat(responses.end()).isEqualTo(Status.OK);
        return responses;
    }

    private static String text(ModelStreamInferResponse message) {
        return message.getInferResponse().getRawOutputContents(0).substring(4).toString(StandardCharsets.UTF_8);
    }

    private static boolean isFinal(ModelStreamInferResponse message) {
        return message.getInferResponse()
                .getParametersOrThrow("triton_final_response")
                .getBoolParam();
    }

    @Test
    void eachResponseSaysWhetherItIsTheLast() throws Exception {
        StreamedResponses responses = send(decoupled("three", "a"));
        assertThat(responses.messages)
                .extracting(ModelStreamInferTest::text)
                .containsExactly("eins", "zwei \u00e9", "drei");
        assertThat(responses.messages).extracting(ModelStreamInferTest::isFinal).containsExactly(false, false, true);
        assertThat(responses.messages)
                .extracting(message -> message.getInferResponse().getId())
                .containsOnly("a");
    }

    @Test
    void anEmptyEndIsToldToThoseThatAskForIt() throws Exception {
        assertThat(send(decoupled("one then flags", "a")).messages)
                .extracting(ModelStreamInferTest::isFinal)
                .containsExactly(false);
        ModelInferRequest asking = decoupled("one then flags", "a").toBuilder()
                .putParameters("triton_enable_empty_final_response", flag(true))
                .build();
        List<ModelStreamInferResponse> messages = send(asking).messages;
        assertThat(messages).extracting(ModelStreamInferTest::isFinal).containsExactly(false, true);
        ModelInferResponse end = messages.get(1).getInferResponse();
        assertThat(end.getId()).isEqualTo("a");
        assertThat(end.getModelName()).isEqualTo("fake");
        assertThat(end.getOutputsCount()).isZero();
    }

    @Test
    void requestsOfOneStreamRunSideBySide() throws Exception {
        StreamedResponses responses = open();
        responses.call.onNext(decoupled("forever 1 1", "endless"));
        Awaitility.await().until(() -> responses.messages.size() > 2);
        responses.call.onNext(decoupled("three", "short"));
        Awaitility.await()
                .untilAsserted(() -> assertThat(responses.messages)
                        .filteredOn(
                                message -> message.getInferResponse().getId().equals("short"))
                        .extracting(ModelStreamInferTest::text)
                        .containsExactly("eins", "zwei \u00e9", "drei"));
        responses.call.cancel("enough", null);
        Awaitility.await().until(() -> console.server.cancelled.get() > 0);
    }

    @Test
    void modelsThatAnswerOnceAnswerInTheOrderOfTheirRequests() throws Exception {
        StreamedResponses responses =
                send(single("slow 1200", "first"), single("three", "second"), decoupled("echo", "free"));
        assertThat(responses.messages)
                .extracting(message -> message.getInferResponse().getId())
                .containsExactly("free", "first", "second", "second", "second");
    }

    @Test
    void errorsAreMessagesWithTheIdAndTheStreamGoesOn() throws Exception {
        StreamedResponses responses = send(
                decoupled("fails later", "a"),
                single("echo", "b").toBuilder().setModelName("other").build(),
                decoupled("refuse INVALID_ARG", "c"),
                single("echo", "d"));
        assertThat(responses.messages).hasSize(5);
        ModelStreamInferResponse late = byError(responses, "broke");
        assertThat(late.getInferResponse().getId()).isEqualTo("a");
        assertThat(isFinal(late)).isTrue();
        assertThat(byError(responses, "unknown model").getInferResponse().getId())
                .isEqualTo("b");
        assertThat(byError(responses, "refused as asked").getInferResponse().getId())
                .isEqualTo("c");
    }

    private static ModelStreamInferResponse byError(StreamedResponses responses, String words) {
        return responses.messages.stream()
                .filter(message -> message.getErrorMessage().contains(words))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aClientCanAskForTheStatusInstead() throws Exception {
        Metadata metadata = new Metadata();
        metadata.put(Metadata.Key.of("triton_grpc_error", Metadata.ASCII_STRING_MARSHALLER), "true");
        StreamedResponses responses = new StreamedResponses(true);
        GRPCInferenceServiceGrpc.newStub(client.channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
                .modelStreamInfer(responses);
        int before = console.server.cancelled.get();
        responses.call.onNext(decoupled("forever 0 5", "other"));
        responses.call.onNext(decoupled("fails", "a"));
        assertThat(responses.end().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(responses.end().getDescription()).isEqualTo("no room");
        Awaitility.await().until(() -> console.server.cancelled.get() == before + 1);
    }

    @Test
    void theEndOfTheCallCancelsAllThatRuns() throws Exception {
        int before = console.server.cancelled.get();
        StreamedResponses responses = open();
        for (int i = 0; i < 3; i++) {
            responses.call.onNext(decoupled("forever 0 5", "r" + i));
        }
        Awaitility.await().until(() -> console.bean(GrpcDoor.class).heldBytes() > 0);
        responses.call.cancel("leaving", null);
        Awaitility.await().until(() -> console.server.cancelled.get() == before + 3);
    }
}
