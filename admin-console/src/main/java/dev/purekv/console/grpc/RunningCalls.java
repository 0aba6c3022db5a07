package dev.purekv.console.grpc;

import dev.purekv.console.settings.PureKvSettings;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/** All calls with inferences under way or to come: for the stop, and to find clients that do not read. */
@Component
final class RunningCalls {
    private static final long LOOK_MILLIS = 1000;

    private final Set<Call> calls = ConcurrentHashMap.newKeySet();

    /** A call that may run for long. */
    interface Call {
        /** Cancels what runs and ends the call, which may say so. */
        void stop();

        /** @return how long its client has read nothing although something waits for it */
        long stalledMillis();

        /** Ends the call of a client that does not read. */
        void cut();
    }

    RunningCalls(PureKvSettings settings, GrpcThreads threads) {
        long patience = settings.grpc().stallTimeout().toMillis();
        threads.delivery()
                .scheduleWithFixedDelay(
                        () -> calls.forEach(call -> look(call, patience)),
                        LOOK_MILLIS,
                        LOOK_MILLIS,
                        TimeUnit.MILLISECONDS);
    }

    private void look(Call call, long patienceMillis) {
        if (call.stalledMillis() > patienceMillis) {
            call.cut();
            calls.remove(call); // its end is on the way, behind what the client does not read
        }
    }

    void add(Call call) {
        calls.add(call);
    }

    void remove(Call call) {
        calls.remove(call);
    }

    int count() {
        return calls.size();
    }

    void stop() {
        calls.forEach(Call::stop);
    }
}
