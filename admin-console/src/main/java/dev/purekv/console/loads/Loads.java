package dev.purekv.console.loads;

import dev.purekv.server.InferenceServer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Loads and unloads models for every door, and remembers why the latest load of each failed: Triton's index still shows the version that
 * serves, or nothing, and whoever reads the console is seldom whoever asked.
 */
@Component
public final class Loads {
    private static final int KEPT = 1000; // strangers may name models that there are none of

    private final InferenceServer server;
    private final Map<String, String> failures = new LinkedHashMap<>();

    Loads(InferenceServer server) {
        this.server = server;
    }

    /** As {@link InferenceServer#load}. */
    public void load(String model, Map<String, Object> parameters) {
        try {
            server.load(model, parameters);
        } catch (RuntimeException e) {
            note(model, String.valueOf(e.getMessage()));
            throw e;
        }
        note(model, null);
    }

    /** As {@link InferenceServer#unload}. */
    public void unload(String model, boolean dependents) {
        server.unload(model, dependents);
        note(model, null);
    }

    /** @return in words; empty where the latest load succeeded, or none was asked for since the start */
    public synchronized Optional<String> failure(String model) {
        return Optional.ofNullable(failures.get(model));
    }

    /** @return models whose latest load failed */
    public synchronized List<String> failed() {
        return List.copyOf(failures.keySet());
    }

    private synchronized void note(String model, String failure) {
        failures.remove(model);
        if (failure != null) {
            failures.put(model, failure);
            if (failures.size() > KEPT) {
                failures.remove(failures.keySet().iterator().next());
            }
        }
    }
}
