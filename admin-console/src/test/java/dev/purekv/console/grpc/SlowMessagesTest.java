package dev.purekv.console.grpc;

import static dev.purekv.console.grpc.GrpcClient.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import inference.GrpcService.ModelInferRequest;
import inference.GrpcService.ModelInferResponse;
import io.grpc.ClientCall;
import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A message that is begun and not finished ends its call, and gives back what it holds. */
class SlowMessagesTest {
    private static final String SETTING = "purekv.grpc.message-timeout";
    private static RunningConsole console;

    @BeforeAll
    static void start() {
        console = RunningConsole.start(SETTING + "=1s");
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @AfterEach
    void nothingIsLeft() {
        Awaitility.await().until(() -> console.bean(GrpcDoor.class).heldBytes() == 0);
        Awaitility.await().until(() -> console.bean(RunningCalls.class).count() == 0);
    }

    /** Sends a byte now and then until the server says the setting's name, which is no longer than what Netty leaves plain. */
    private static String trickle(Socket client) throws IOException, InterruptedException {
        ByteArrayOutputStream heard = new ByteArrayOutputStream();
        try {
            for (int i = 0;
                    i < 600 && !heard.toString(StandardCharsets.ISO_8859_1).contains(SETTING);
                    i++) {
                client.getOutputStream().write(Frames.frame(Frames.DATA, 0, 1, new byte[1]));
                TimeUnit.MILLISECONDS.sleep(50);
                heard.writeBytes(client.getInputStream()
                        .readNBytes(client.getInputStream().available()));
            }
        } catch (SocketException closed) {
            // With what was heard before.
        }
        return heard.toString(StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(strings = {Frames.SINGLE, Frames.STREAM})
    void aMessageThatTricklesEndsItsCall(String method) throws Exception {
        try (Socket client = new Socket("127.0.0.1", console.grpcPort())) {
            client.getOutputStream().write(Frames.call(method));
            client.getOutputStream().write(Frames.message(100_000, new byte[10]));
            assertThat(trickle(client)).contains("grpc-status", SETTING);
        }
    }

    @Test
    void aCallThatNeverSaysThatItsOnlyMessageIsTheLastIsEnded() throws Exception {
        try (GrpcClient client = new GrpcClient(console)) {
            CompletableFuture<Status> end = new CompletableFuture<>();
            ClientCall<ModelInferRequest, ModelInferResponse> call = client.single(end);
            call.sendMessage(request("echo").build());
            Status status = end.get(60, TimeUnit.SECONDS);
            assertThat(status.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            assertThat(status.getDescription()).contains(SETTING);
        }
        assertThat(console.server.requests).isEmpty();
    }

    @Test
    void aStreamMayBeSilentBetweenItsMessagesAndItsAnswersMayTakeTheirTime() throws Exception {
        try (GrpcClient client = new GrpcClient(console)) {
            StreamedResponses responses = new StreamedResponses(true);
            client.async().modelStreamInfer(responses);
            responses.call.onNext(request("slow 2500").build());
            Awaitility.await().until(() -> responses.messages.size() == 1);
            responses.call.onNext(request("echo").build());
            responses.call.onCompleted();
            assertThat(responses.end().isOk()).isTrue();
            assertThat(responses.messages).hasSize(2);
        }
        console.server.requests.clear();
    }
}
