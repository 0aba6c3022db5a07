package dev.purekv.console.grpc;

import dev.purekv.console.patience.Looks;
import dev.purekv.console.settings.PureKvSettings;
import io.grpc.Status;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * All calls with inferences under way or to come. At the stop it comes after the doors have closed to newcomers and waited:
 * what still runs is cancelled and may say so. While the server runs it finds clients that do not read.
 */
@Component
final class RunningCalls implements SmartLifecycle {
    private static final long LOOK_MILLIS = 1000;
    private static final long STOP_MILLIS = 1000;

    private final Set<Call> calls = ConcurrentHashMap.newKeySet();

    private final int mostCalls;
    private volatile boolean lifecycleRunning;

    /** A call that may run for long. */
    interface Call {
        /** Begins nothing new, and ends the call when nothing runs. */
        void drain();

        /** Cancels what runs and ends the call, which may say so. */
        void stop();

        /** Ends the call where it may not go on. */
        default void look() {}

        /** @return how long its client has read nothing although something waits for it */
        long stalledMillis();

        /** Ends the call of a client that does not read, and gives back what waits for it. */
        void cut();
    }

    RunningCalls(PureKvSettings settings, GrpcThreads threads) {
        mostCalls = settings.grpc().maxCalls();
        long patience = settings.grpc().stallTimeout().toMillis();
        Looks.every(LOOK_MILLIS, threads.delivery(), calls, call -> look(call, patience));
    }

    private void look(Call call, long patienceMillis) {
        call.look();
        if (call.stalledMillis() > patienceMillis) {
            call.cut(); // it is removed with its end
        }
    }

    /** @throws io.grpc.StatusRuntimeException UNAVAILABLE when there are too many already */
    void add(Call call) {
        if (calls.size() >= mostCalls) {
            throw Status.UNAVAILABLE
                    .withDescription(mostCalls + " calls with inferences are under way already, the limit of"
                            + " purekv.grpc.max-calls; try again later")
                    .asRuntimeException();
        }
        calls.add(call);
    }

    void remove(Call call) {
        calls.remove(call);
    }

    int count() {
        return calls.size();
    }

    void drain() {
        calls.forEach(Call::drain);
    }

    @Override
    public void start() {
        lifecycleRunning = true;
    }

    @Override
    public void stop() {
        calls.forEach(Call::stop);
        try {
            for (long waited = 0; !calls.isEmpty() && waited < STOP_MILLIS; waited += 10) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        lifecycleRunning = false;
    }

    @Override
    public boolean isRunning() {
        return lifecycleRunning;
    }

    @Override
    public int getPhase() {
        return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE - 512;
    }
}
