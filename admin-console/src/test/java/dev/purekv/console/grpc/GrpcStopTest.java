package dev.purekv.console.grpc;

import static dev.purekv.console.grpc.GrpcClient.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import io.grpc.Status.Code;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class GrpcStopTest {
    private static StreamedResponses open(GrpcClient client, String script) {
        StreamedResponses responses = new StreamedResponses(true);
        client.async().modelStreamInfer(responses);
        responses.call.onNext(request(script).setModelVersion("2").build());
        return responses;
    }

    @Test
    void answersUnderWayMayFinishAndIdleStreamsHoldNothingUp() throws Exception {
        RunningConsole console = RunningConsole.start("purekv.drain-seconds=3600");
        try (GrpcClient client = new GrpcClient(console)) {
            StreamedResponses idle = open(client, "echo");
            StreamedResponses busy = open(client, "slow 1200");
            Awaitility.await().until(() -> !idle.messages.isEmpty() && console.server.requests.size() == 2);

            console.close(); // returns within the hour

            assertThat(idle.end().getCode()).isEqualTo(Code.UNAVAILABLE);
            assertThat(busy.end().getCode()).isEqualTo(Code.UNAVAILABLE);
            assertThat(busy.messages).hasSize(1);
            assertThat(busy.messages.get(0).getErrorMessage()).isEmpty();
            assertThat(console.server.closed).isTrue();
        }
    }

    @Test
    void whatRunsForTooLongIsCancelledAndItsClientTold() throws Exception {
        RunningConsole console = RunningConsole.start("purekv.drain-seconds=1");
        try (GrpcClient client = new GrpcClient(console)) {
            StreamedResponses responses = open(client, "forever 0 5");
            Awaitility.await().until(() -> console.server.requests.size() == 1);

            console.close();

            assertThat(responses.end().getCode()).isEqualTo(Code.UNAVAILABLE);
            assertThat(responses.messages).hasSize(1);
            assertThat(responses.messages.get(0).getErrorMessage()).isEqualTo("cancelled");
        }
    }
}
