package dev.purekv.console.remote;

import dev.purekv.console.settings.PureKvSettings;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.stereotype.Component;

/** Comes by every endpoint every few seconds, by all side by side, one visit of each at a time. */
@Component
final class Watch implements InitializingBean, DisposableBean {
    /** Who acts in the audit log when nobody asked. */
    static final String NAME = "(watch)";

    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

    private final Endpoints endpoints;
    private final Visit visit;
    private final Standings standings;
    private final long everyMillis;
    private final Map<String, ReentrantLock> visits = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> thread(work, "purekv-remote"));
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(work -> thread(work, "purekv-remote-watch"));

    Watch(Endpoints endpoints, Visit visit, Standings standings, PureKvSettings settings) {
        this.endpoints = endpoints;
        this.visit = visit;
        this.standings = standings;
        this.everyMillis = settings.remote().watchInterval().toMillis();
    }

    private static Thread thread(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void afterPropertiesSet() {
        timer.scheduleWithFixedDelay(this::round, 0, everyMillis, TimeUnit.MILLISECONDS);
    }

    private void round() {
        try {
            List<Endpoint> all = endpoints.all();
            standings.keepOnly(all.stream().map(Endpoint::name).collect(Collectors.toSet()));
            for (Endpoint each : all) {
                ReentrantLock one = lock(each);
                // A visit that still runs, such as one with a long load, is not waited for.
                execute(() -> {
                    if (one.tryLock()) {
                        come(each, NAME, one);
                    }
                });
            }
        } catch (RuntimeException e) {
            LOG.warn("the endpoints cannot be watched now: {}", e.toString());
        }
    }

    /** Begins a visit that somebody waits for, behind one that runs. */
    void visitNow(Endpoint endpoint, String actor) {
        ReentrantLock one = lock(endpoint);
        execute(() -> {
            one.lock();
            come(endpoint, actor, one);
        });
    }

    private void come(Endpoint endpoint, String actor, ReentrantLock held) {
        try {
            visit.pay(endpoint, actor);
        } catch (RuntimeException e) {
            LOG.warn("endpoint={} cannot be visited: {}", endpoint.name(), e.toString());
        } finally {
            held.unlock();
        }
    }

    private void execute(Runnable work) {
        try {
            threads.execute(work);
        } catch (RejectedExecutionException e) {
            LOG.debug("the console stops", e);
        }
    }

    private ReentrantLock lock(Endpoint endpoint) {
        return visits.computeIfAbsent(endpoint.name(), name -> new ReentrantLock());
    }

    @Override
    public void destroy() {
        timer.shutdownNow();
        threads.shutdownNow();
    }
}
