package dev.purekv.console.grpc;

import static dev.purekv.console.grpc.GrpcClient.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import java.net.Socket;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A machine that is gone cannot say so: its silence does. Too many pings are in {@link Http2FloodTest}. */
class KeepAliveTest {
    @Test
    void aPeerThatAnswersNoPingHasItsRequestsCancelledAndOneThatDoesIsServed() throws Exception {
        try (RunningConsole console =
                        RunningConsole.start("purekv.grpc.keep-alive-time=10s", "purekv.grpc.keep-alive-timeout=1s");
                Socket dead = new Socket("127.0.0.1", console.grpcPort());
                GrpcClient alive = new GrpcClient(console)) {
            StreamedResponses quiet = new StreamedResponses(true);
            alive.async().modelStreamInfer(quiet);
            byte[] question =
                    request("forever 0 20").setModelVersion("2").build().toByteArray();
            dead.getOutputStream().write(Frames.call(Frames.STREAM));
            dead.getOutputStream().write(Frames.message(question.length, question));
            RunningCalls calls = console.bean(RunningCalls.class);
            Awaitility.await().until(() -> console.server.requests.size() == 1 && calls.count() == 2);
            Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> calls.count() == 1);
            assertThat(console.server.cancelled).hasValue(1);
            // The other one was asked as well, and answered.
            quiet.call.onNext(request("echo").build());
            Awaitility.await().until(() -> quiet.messages.size() == 1);
            quiet.call.onCompleted();
            assertThat(quiet.end().isOk()).isTrue();
        }
    }
}
