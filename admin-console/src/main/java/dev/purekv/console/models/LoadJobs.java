package dev.purekv.console.models;

import dev.purekv.ServingException;
import dev.purekv.console.audit.Audit;
import dev.purekv.console.loads.Loads;
import dev.purekv.server.InferenceServer;
import dev.purekv.server.ServerException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Loads and unloads models while people watch; one thing at a time for each model. */
@Component
public final class LoadJobs implements DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(LoadJobs.class);
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration LOOK_EVERY = Duration.ofMillis(50);

    private final InferenceServer server;
    private final Loads loads;
    private final Audit audit;
    private final JsonMapper json;
    private final Map<String, LoadJob> latest = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "purekv-load");
        thread.setDaemon(true);
        return thread;
    });

    LoadJobs(InferenceServer server, Loads loads, Audit audit, JsonMapper json) {
        this.server = server;
        this.loads = loads;
        this.audit = audit;
        this.json = json;
    }

    /** @return null for none */
    public LoadJob latest(String model) {
        return latest.get(model);
    }

    /**
     * Begins to load a model, or to load it again.
     *
     * @throws ServingException OUT_OF_CAPACITY while another load or unload of it runs
     */
    public void load(String model, String actor) {
        load(model, actor, failure -> {});
    }

    /**
     * As {@link #load(String, String)}.
     *
     * @param then hears how it went before anyone else does: null, or the failure in words
     */
    public void load(String model, String actor, Consumer<String> then) {
        begin(model, "load", actor);
        threads.execute(() -> run(model, () -> loads.load(model, Map.of()), then));
    }

    /** @throws ServingException OUT_OF_CAPACITY while a load or unload of the model runs */
    public void requireIdle(String model) {
        if (isBusy(model)) {
            throw busy(latest.get(model));
        }
    }

    public boolean isBusy(String model) {
        LoadJob held = latest.get(model);
        return held != null && held.running();
    }

    /** Begins to unload a model; as {@link #load}. */
    public void unload(String model, String actor) {
        begin(model, "unload", actor);
        threads.execute(() -> run(
                model,
                () -> {
                    loads.unload(model, false);
                    awaitGone(model);
                },
                failure -> {}));
    }

    private void begin(String model, String action, String actor) {
        LoadJob wanted = LoadJob.begin(model, action, actor);
        LoadJob held =
                latest.compute(model, (name, earlier) -> earlier != null && earlier.running() ? earlier : wanted);
        if (held != wanted) {
            throw busy(held);
        }
    }

    private ServingException busy(LoadJob job) {
        return ServingException.outOfCapacity(
                "%s: %s, asked by %s; wait until that is done", job.model(), job.progress(), job.actor());
    }

    private void run(String model, Runnable work, Consumer<String> then) {
        String failure = null;
        try {
            work.run();
        } catch (ServerException | ServingException e) {
            failure = e.getMessage();
        } catch (RuntimeException e) {
            failure = "a defect: " + e;
        }
        try {
            then.accept(failure);
        } catch (RuntimeException e) {
            LOG.warn("what came of loading {} cannot be noted", model, e);
        }
        String why = failure;
        LoadJob done = latest.computeIfPresent(model, (name, job) -> job.finished(why));
        try {
            note(done);
        } catch (RuntimeException e) {
            LOG.warn("the audit log lacks: {} {} by {}, {}", done.action(), model, done.actor(), done.progress(), e);
        }
    }

    private void note(LoadJob done) {
        if (done.failed()) {
            audit.refusedTo(done.actor(), done.action(), done.model(), done.failure());
        } else {
            audit.doneBy(done.actor(), done.action(), done.model(), done.progress());
        }
    }

    private void awaitGone(String model) {
        long start = System.nanoTime();
        while (present(model)) {
            if (System.nanoTime() - start > PATIENCE.toNanos()) {
                throw ServingException.outOfCapacity("requests still run after %d minutes", PATIENCE.toMinutes());
            }
            try {
                Thread.sleep(LOOK_EVERY.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private boolean present(String model) {
        for (JsonNode each : json.readTree(server.repositoryIndex(false))) {
            String state = each.path("state").asString("");
            if (each.path("name").asString("").equals(model) && (state.equals("READY") || state.equals("UNLOADING"))) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void destroy() {
        threads.shutdownNow();
    }
}
