package dev.purekv.console.live;

import dev.purekv.server.InferenceServer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Reads the server's metrics every few seconds and keeps an hour of them, in this process alone. */
@Component
final class LastHour implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LastHour.class);
    private static final int SECONDS = 5;
    private static final int KEPT = 3600 / SECONDS;
    private static final long SECOND_NANOS = 1_000_000_000;

    private final InferenceServer server;
    private final Map<String, Deque<Moment>> models = new TreeMap<>();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(body -> {
        Thread thread = new Thread(body, "console-history");
        thread.setDaemon(true);
        return thread;
    });
    private Reading before = new Reading(Map.of());

    LastHour(InferenceServer server) {
        this.server = server;
        clock.scheduleAtFixedRate(this::read, SECONDS, SECONDS, TimeUnit.SECONDS);
    }

    private void read() {
        try {
            add(Reading.of(server.metrics()), System.nanoTime() / SECOND_NANOS);
        } catch (RuntimeException e) {
            // The server stops, or is too busy: this moment is missing, and the next one comes.
            LOG.debug("no metrics for the console", e);
        }
    }

    /** @param second of System.nanoTime, so that a clock that is set tears no hole into the hour and folds nothing */
    synchronized void add(Reading now, long second) {
        for (String model : now.models()) {
            Deque<Moment> moments = models.computeIfAbsent(model, unused -> new ArrayDeque<>());
            if (!before.models().contains(model)) {
                continue; // its counters begin somewhere: what they grew by is known from the next reading on
            }
            moments.addLast(Moment.between(before, now, model, second, SECONDS));
            while (moments.size() > KEPT) {
                moments.removeFirst();
            }
        }
        models.keySet().retainAll(now.models());
        before = now;
    }

    /** @return by the clock as it goes now */
    synchronized Map<String, List<Moment>> all() {
        long shift = Math.round((System.currentTimeMillis() * 1e6 - System.nanoTime()) / SECOND_NANOS);
        Map<String, List<Moment>> copy = new TreeMap<>();
        models.forEach((model, moments) ->
                copy.put(model, moments.stream().map(each -> each.later(shift)).toList()));
        return copy;
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
