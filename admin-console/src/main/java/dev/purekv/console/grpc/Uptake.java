package dev.purekv.console.grpc;

import io.grpc.Context;
import io.grpc.ServerCall;
import java.util.concurrent.TimeUnit;

/**
 * How far the client of a call is with what the transport has for it. grpc-java tells only whether that is less than a number
 * of bytes; but the number may be set at any time, so that a search for it tells the bytes.
 */
final class Uptake {
    /** In the context of every call of the inference service. */
    static final Context.Key<Uptake> KEY = Context.key("purekv-uptake");

    /** What may be left without anyone waiting: grpc-java's own number. */
    static final int LITTLE_BYTES = 32 << 10;

    private final ServerCall<?, ?> call;
    private int left;
    private long movedAt; // of System.nanoTime

    Uptake(ServerCall<?, ?> call) {
        this.call = call;
    }

    /**
     * Asked again and again. Whoever waits for the transport to be ready looks afterwards whether it is: it does not say so
     * while it is asked.
     *
     * @return how long nothing has left the transport, although more than a little waits there; 0 when less does
     */
    synchronized long stalledMillis() {
        long now = System.nanoTime();
        if (call.isReady() || call.isCancelled()) {
            left = 0;
            return 0;
        }
        int before = left;
        left = waitingBytes();
        if (left != before) {
            movedAt = now;
        }
        return TimeUnit.NANOSECONDS.toMillis(now - movedAt);
    }

    /** The least number of bytes that more than what waits would be. */
    private int waitingBytes() {
        int low = LITTLE_BYTES;
        int high = Integer.MAX_VALUE;
        while (low < high) {
            int middle = low + (high - low) / 2;
            call.setOnReadyThreshold(middle);
            if (call.isReady()) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        call.setOnReadyThreshold(LITTLE_BYTES);
        return low;
    }

    /**
     * Ends the call without a word, and with it all that the transport has for it: a status would wait behind what the client
     * does not read. Only for a call that has written and is not closed, and by whoever writes to it.
     */
    void reset() {
        call.sendMessage(null); // TolerantParsing refuses it; grpc-java resets a stream whose message cannot be written
    }
}
