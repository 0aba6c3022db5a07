package dev.purekv.console.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.exchange.ResponseQueue.Together;
import dev.purekv.server.InferenceResponse;
import dev.purekv.server.TensorData;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResponseQueueTest {
    /** It counts with 256 bytes of overhead. */
    private static InferenceResponse response(int bytes) {
        TensorData output = new TensorData("x", "UINT8", new long[] {bytes}, new byte[bytes]);
        return new InferenceResponse("model", "1", "", List.of(output), Map.of(), null);
    }

    @Test
    void allQueuesTogetherHoldNoMoreThanTheirBound() {
        Together together = new Together(3000);
        ResponseQueue first = new ResponseQueue(10_000, together);
        ResponseQueue second = new ResponseQueue(10_000, together);
        assertThat(first.add(response(744), false)).isTrue();
        assertThat(first.add(response(744), false)).isTrue();
        assertThat(second.add(response(244), false)).isTrue();
        assertThat(second.add(response(245), false)).as("3001 bytes").isFalse();
        assertThat(second.add(response(244), false)).as("3000 bytes").isTrue();
        assertThat(together.bytes()).hasValue(3000);
    }

    @Test
    void oneResponseMayWaitInEachHoweverLittleRoomThereIs() {
        Together together = new Together(3000);
        ResponseQueue first = new ResponseQueue(10_000, together);
        assertThat(first.add(response(5000), false)).isTrue();
        assertThat(first.add(response(0), false)).isFalse();
        ResponseQueue second = new ResponseQueue(10_000, together);
        assertThat(second.add(response(0), true)).isTrue();
    }

    @Test
    void whatIsTakenOrGivenUpMakesRoomForOthers() {
        Together together = new Together(3000);
        ResponseQueue slow = new ResponseQueue(10_000, together);
        slow.add(response(744), false);
        slow.add(response(744), false);
        ResponseQueue other = new ResponseQueue(10_000, together);
        other.add(response(744), false);
        assertThat(other.add(response(0), false)).isFalse();
        slow.take();
        assertThat(other.add(response(744), false)).isTrue();
        slow.close();
        assertThat(other.add(response(744), false)).isTrue();
        assertThat(slow.add(response(744), true)).as("taken and dropped").isTrue();
        other.close();
        assertThat(together.bytes()).hasValue(0);
    }

    @Test
    void oneQueueHoldsNoMoreThanItsOwnBound() {
        Together together = new Together(1 << 20);
        ResponseQueue queue = new ResponseQueue(1000, together);
        assertThat(queue.add(response(244), false)).isTrue();
        assertThat(queue.add(response(245), false)).isFalse();
        assertThat(queue.add(response(244), false)).isTrue();
    }
}
