package dev.purekv.triton;

import dev.purekv.engine.Meters;
import dev.purekv.server.ServerException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Our families in Triton's registry, made with the first model and deleted with the last. Models come and go on any thread,
 * and Triton hands out a metric that is just being deleted: all making and deleting happens under one lock.
 */
final class MetricFamilies {
    private static final Logger LOG = LoggerFactory.getLogger(MetricFamilies.class);

    private final Map<Metered, Long> families = new EnumMap<>(Metered.class);
    private int models;

    /** @return empty where Triton was built without metrics */
    synchronized Optional<ModelMetrics> open(String model, long version) {
        try {
            if (models == 0) {
                for (Metered each : Metered.values()) {
                    families.put(each, each.newFamily());
                }
            }
            ModelMetrics opened = metrics(model, Long.toString(version));
            models++;
            return Optional.of(opened);
        } catch (ServerException e) {
            if (e.status() == ServerException.Status.UNSUPPORTED) {
                LOG.debug("no metrics: {}", e.getMessage());
            } else {
                LOG.warn("model={} version={} is not counted: {}", model, version, e.getMessage());
            }
            deleteUnused();
            return Optional.empty();
        }
    }

    private ModelMetrics metrics(String model, String version) {
        Map<Metered, Metric> metrics = new EnumMap<>(Metered.class);
        List<Metric> cancelled = new ArrayList<>();
        try {
            for (Metered each : Metered.values()) {
                if (each != Metered.CANCELLED) {
                    metrics.put(each, each.newMetric(families.get(each), labels("model", model, "version", version)));
                }
            }
            for (Meters.Stage stage : Meters.Stage.values()) {
                String word = stage.name().toLowerCase(Locale.ROOT);
                cancelled.add(Metered.CANCELLED.newMetric(
                        families.get(Metered.CANCELLED), labels("model", model, "version", version, "stage", word)));
            }
            return new ModelMetrics(this, metrics, cancelled);
        } catch (ServerException e) {
            metrics.values().forEach(Metric::close);
            cancelled.forEach(Metric::close);
            throw e;
        }
    }

    private static byte[][] labels(String... namesAndValues) {
        byte[][] labels = new byte[namesAndValues.length][];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = BackendApi.utf8(namesAndValues[i]);
        }
        return labels;
    }

    synchronized void release(ModelMetrics metrics) {
        metrics.delete();
        models--;
        deleteUnused();
    }

    private void deleteUnused() {
        if (models == 0) {
            families.values().forEach(MetricApi::familyDelete);
            families.clear();
        }
    }
}
