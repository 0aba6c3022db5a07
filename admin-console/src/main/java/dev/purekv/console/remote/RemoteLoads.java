package dev.purekv.console.remote;

import dev.purekv.ServingException;
import dev.purekv.console.audit.Audit;
import dev.purekv.console.models.LoadJob;
import dev.purekv.server.ModelControl;
import dev.purekv.server.ServerException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/** Loads and unloads models of endpoints while people watch; one thing at a time for each model. */
@Component
final class RemoteLoads implements DisposableBean {
    private final Tritons tritons;
    private final Watch watch;
    private final Audit audit;
    private final Map<String, LoadJob> latest = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "purekv-remote-load");
        thread.setDaemon(true);
        return thread;
    });

    RemoteLoads(Tritons tritons, Watch watch, Audit audit) {
        this.tritons = tritons;
        this.watch = watch;
        this.audit = audit;
    }

    /** @return null for none; for templates too */
    public LoadJob latest(String endpoint, String model) {
        return latest.get(subject(endpoint, model));
    }

    /** With its file's settings, unless it is loaded with others: Triton keeps those (seen in 2.51). */
    void load(Endpoint endpoint, String model, String actor) {
        begin(endpoint, model, "load", actor, server -> server.load(model, Map.of()));
    }

    void unload(Endpoint endpoint, String model, String actor) {
        begin(endpoint, model, "unload", actor, server -> server.unload(model, false));
    }

    private void begin(Endpoint endpoint, String model, String action, String actor, Consumer<ModelControl> work) {
        String subject = subject(endpoint.name(), model);
        LoadJob wanted = LoadJob.begin(model, action, actor);
        LoadJob held =
                latest.compute(subject, (name, earlier) -> earlier != null && earlier.running() ? earlier : wanted);
        if (held != wanted) {
            throw ServingException.outOfCapacity(
                    "%s: %s, asked by %s; wait until that is done", subject, held.progress(), held.actor());
        }
        threads.execute(() -> run(endpoint, subject, wanted, work));
    }

    private void run(Endpoint endpoint, String subject, LoadJob job, Consumer<ModelControl> work) {
        String failure = null;
        try {
            work.accept(tritons.of(endpoint));
        } catch (ServerException | ServingException e) {
            failure = e.getMessage();
        } catch (RuntimeException e) {
            failure = "a defect: " + e;
        }
        LoadJob done = job.finished(failure);
        latest.put(subject, done);
        if (failure == null) {
            audit.doneBy(done.actor(), "remote " + done.action(), subject, done.progress());
        } else {
            audit.refusedTo(done.actor(), "remote " + done.action(), subject, failure);
        }
        watch.visitNow(endpoint, Watch.NAME);
    }

    private static String subject(String endpoint, String model) {
        return endpoint + "/" + model;
    }

    @Override
    public void destroy() {
        threads.shutdownNow();
    }
}
