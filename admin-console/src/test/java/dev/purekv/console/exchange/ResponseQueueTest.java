package dev.purekv.console.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.exchange.ResponseQueue.Place;
import dev.purekv.console.patience.WaitingBytes;
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
        WaitingBytes together = new WaitingBytes(100_000);
        ResponseQueue first = new ResponseQueue(1 << 20, together);
        ResponseQueue second = new ResponseQueue(1 << 20, together);
        assertThat(first.add(response(29_744), false)).isEqualTo(Place.TAKEN);
        assertThat(first.add(response(29_744), false)).isEqualTo(Place.TAKEN);
        assertThat(second.add(response(19_744), false)).isEqualTo(Place.TAKEN);
        assertThat(second.add(response(19_745), false)).as("100001 bytes").isEqualTo(Place.TOO_SLOW);
        assertThat(second.add(response(19_744), false)).as("100000 bytes").isEqualTo(Place.TAKEN);
        assertThat(together.heldBytes()).isEqualTo(100_000);
    }

    @Test
    void aLittleMayWaitForEveryClientWhateverOthersLeave() {
        WaitingBytes together = new WaitingBytes(100_000);
        new ResponseQueue(1 << 20, together).add(response(200_000), true);
        ResponseQueue stream = new ResponseQueue(1 << 20, together);
        for (int i = 0; i < 4; i++) {
            assertThat(stream.add(response(3840), false)).isEqualTo(Place.TAKEN); // 4 KB each, of 16
        }
        assertThat(stream.add(response(0), false)).isEqualTo(Place.TOO_SLOW);
    }

    @Test
    void oneLargeResponseMayWaitWhileThereIsRoomAndASmallOneAlways() {
        WaitingBytes together = new WaitingBytes(3000);
        ResponseQueue first = new ResponseQueue(10_000, together);
        assertThat(first.add(response(50_000), false)).isEqualTo(Place.TAKEN);
        ResponseQueue second = new ResponseQueue(10_000, together);
        assertThat(second.add(response(WaitingBytes.SMALL_BYTES), false)).isEqualTo(Place.NO_ROOM);
        assertThat(second.add(response(WaitingBytes.SMALL_BYTES - 256), true)).isEqualTo(Place.TAKEN);
        first.close();
        second.close();
        assertThat(together.heldBytes()).isZero();
    }

    @Test
    void aResponseCountsUntilItHasLeft() {
        WaitingBytes together = new WaitingBytes(3000);
        ResponseQueue queue = new ResponseQueue(10_000, together);
        queue.add(response(744), true);
        queue.take();
        queue.writing(2500); // it is longer as text
        assertThat(together.heldBytes()).isEqualTo(2500);
        queue.writing(0);
        assertThat(together.heldBytes()).isZero();
        queue.writing(10);
        queue.close();
        assertThat(together.heldBytes()).isZero();
    }

    @Test
    void whatEndsAQueueIsItsLast() {
        ResponseQueue queue = new ResponseQueue(10_000, new WaitingBytes(3000));
        queue.end(response(0));
        assertThat(queue.add(response(0), true)).as("taken and dropped").isEqualTo(Place.TAKEN);
        assertThat(queue.take().last()).isTrue();
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void whatIsTakenOrGivenUpMakesRoomForOthers() {
        WaitingBytes together = new WaitingBytes(100_000);
        ResponseQueue slow = new ResponseQueue(1 << 20, together);
        slow.add(response(49_744), false);
        slow.add(response(49_744), false);
        ResponseQueue other = new ResponseQueue(1 << 20, together);
        assertThat(other.add(response(49_744), false)).isEqualTo(Place.NO_ROOM);
        slow.take();
        assertThat(other.add(response(49_744), false)).isEqualTo(Place.TAKEN);
        assertThat(other.add(response(49_744), false)).isEqualTo(Place.TOO_SLOW);
        slow.close();
        assertThat(other.add(response(49_744), false)).isEqualTo(Place.TAKEN);
        assertThat(slow.add(response(49_744), true)).as("taken and dropped").isEqualTo(Place.TAKEN);
        other.close();
        assertThat(together.heldBytes()).isZero();
    }

    @Test
    void oneQueueHoldsNoMoreThanItsOwnBound() {
        WaitingBytes together = new WaitingBytes(1 << 20);
        ResponseQueue queue = new ResponseQueue(1000, together);
        assertThat(queue.add(response(244), false)).isEqualTo(Place.TAKEN);
        assertThat(queue.add(response(245), false)).isEqualTo(Place.TOO_SLOW);
        assertThat(queue.add(response(244), false)).isEqualTo(Place.TAKEN);
    }
}
