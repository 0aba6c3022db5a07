package dev.purekv.triton;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Keeps models from being destroyed in the moment after they were loaded.
 *
 * <p>Triton (2.51) calls a model ready while the thread of its instance still does the last step of starting: the instance's own
 * list is empty for that moment, and the destructor reads its last element (TritonBackendThread::StopBackendThread,
 * core/src/backend_model_instance.cc). On a busy machine, where that thread waits for a processor, an unload at once ended the
 * process in one of twenty tries. Triton gives no sign that the step is done; time is all there is.
 */
final class FreshModels {
    private static final Duration FRESH = Duration.ofMillis(300);

    private final Map<String, Long> loadedAt = new ConcurrentHashMap<>();
    private final LongSupplier nanoTime;

    FreshModels() {
        this(System::nanoTime);
    }

    FreshModels(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** A load of this model has ended, well or not; strangers may name models that there are none of. */
    void loaded(String model) {
        long now = nanoTime.getAsLong();
        // What is old enough needs no wait, so only names of the last moment are kept.
        loadedAt.values().removeIf(since -> now - since >= FRESH.toNanos());
        loadedAt.put(model, now);
    }

    /** @return of how many models the load is remembered */
    int remembered() {
        return loadedAt.size();
    }

    /** Returns when this model, which is about to be replaced or unloaded, is old enough; mostly at once. */
    void awaitSettled(String model) {
        Long since = loadedAt.remove(model);
        if (since == null) {
            return;
        }
        long left = FRESH.toNanos() - (nanoTime.getAsLong() - since);
        if (left <= 0) {
            return;
        }
        try {
            Thread.sleep(Duration.ofNanos(left).toMillis() + 1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** For what may destroy models by another's name: its dependents. */
    void awaitAllSettled() {
        loadedAt.keySet().forEach(this::awaitSettled);
    }
}
