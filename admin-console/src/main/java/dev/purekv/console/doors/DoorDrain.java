package dev.purekv.console.doors;

import dev.purekv.console.settings.PureKvSettings;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Closes the HTTP doors to newcomers at the stop and waits for the requests under way, beside the gRPC door. */
@Component
final class DoorDrain implements SmartLifecycle {
    private static final long LOOK_MILLIS = 20;
    private static final int QUIET_LOOKS = 5;

    private final Doors doors;
    private final UnderWay underWay;
    private final long drainMillis;
    private volatile boolean running;

    DoorDrain(Doors doors, UnderWay underWay, PureKvSettings settings) {
        this.doors = doors;
        this.underWay = underWay;
        this.drainMillis = TimeUnit.SECONDS.toMillis(settings.drainSeconds());
    }

    @Override
    public void start() {
        running = true;
    }

    /** Whoever stops the context bounds the time as well. */
    @Override
    public void stop(Runnable stopped) {
        running = false;
        doors.closeToNewcomers();
        Thread waiting = new Thread(
                () -> {
                    await();
                    stopped.run();
                },
                "http-drain");
        waiting.setDaemon(true);
        waiting.start();
    }

    private void await() {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(drainMillis);
        try {
            // Between the socket and a thread, and between two threads, a request is nowhere to be seen for a moment.
            for (int quiet = 0; quiet < QUIET_LOOKS && System.nanoTime() < deadline; ) {
                quiet = doors.busy() || !underWay.none() ? 0 : quiet + 1;
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void stop() {
        stop(() -> {});
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE;
    }
}
