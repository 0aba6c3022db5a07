package dev.purekv.triton;

import dev.purekv.engine.Meters;
import dev.purekv.model.PrefillReport;
import java.util.List;
import java.util.Map;

/**
 * What one model's engine counts, in Triton's registry. While a model is loaded again its old engine and its new one share
 * these values: counters go on, and gauges are the sum of both.
 */
final class ModelMetrics implements Meters, AutoCloseable {
    private final MetricFamilies families;
    private final Map<Metered, Metric> metrics;
    private final List<Metric> cancelled;

    /**
     * @param metrics one for each {@link Metered} but the cancellations
     * @param cancelled one for each {@link dev.purekv.engine.Meters.Stage}, in its order
     */
    ModelMetrics(MetricFamilies families, Map<Metered, Metric> metrics, List<Metric> cancelled) {
        this.families = families;
        this.metrics = metrics;
        this.cancelled = cancelled;
    }

    private Metric of(Metered metered) {
        return metrics.get(metered);
    }

    @Override
    public void waiting(int requests) {
        of(Metered.WAITING).share(requests);
    }

    @Override
    public void running(int requests) {
        of(Metered.RUNNING).share(requests);
    }

    @Override
    public void cacheBytes(long used, long total) {
        of(Metered.CACHE_BYTES).share(used);
        of(Metered.CACHE_USAGE).share(total == 0 ? 0 : (double) used / total);
    }

    @Override
    public void prefilled(PrefillReport report, double queuedSeconds) {
        of(Metered.QUEUE_TIME).observe(queuedSeconds);
        of(Metered.PROMPT_TOKENS).add(report.promptTokens());
        of(Metered.VISUAL_TOKENS).add(report.visualTokens());
        if (report.cacheBytes() > 0 && report.fullCacheBytes() > 0) {
            double kept = (double) report.cacheBytes() / report.fullCacheBytes();
            of(Metered.COMPRESSION_RATIO).set(1 / kept);
            of(Metered.EVICTED_TOKENS).add(report.promptTokens() * Math.max(0, 1 - kept));
        }
    }

    @Override
    public void firstToken(double secondsSinceArrival) {
        of(Metered.FIRST_TOKEN).observe(secondsSinceArrival);
        of(Metered.GENERATED_TOKENS).add(1);
    }

    @Override
    public void outputToken(double seconds) {
        of(Metered.OUTPUT_TOKEN).observe(seconds);
        of(Metered.GENERATED_TOKENS).add(1);
    }

    @Override
    public void finished(double secondsSinceArrival, int promptTokens, int generatedTokens) {
        of(Metered.WHOLE_REQUEST).observe(secondsSinceArrival);
        of(Metered.PROMPT_LENGTH).observe(promptTokens);
        of(Metered.ANSWER_LENGTH).observe(generatedTokens);
    }

    @Override
    public void cancelled(Stage stage) {
        cancelled.get(stage.ordinal()).add(1);
    }

    /** After the engine, which calls from threads of its own. */
    @Override
    public void close() {
        families.release(this);
    }

    void delete() {
        metrics.values().forEach(Metric::close);
        cancelled.forEach(Metric::close);
    }
}
