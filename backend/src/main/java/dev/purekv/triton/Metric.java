package dev.purekv.triton;

/** One value, or one histogram, in Triton's registry. */
final class Metric implements AutoCloseable {
    private final long handle;
    private double shared;

    Metric(long handle) {
        this.handle = handle;
    }

    /** Of a counter. */
    void add(double value) {
        MetricApi.metricIncrement(handle, value);
    }

    /** Of a gauge of which the latest value counts, whoever set it. */
    void set(double value) {
        MetricApi.metricSet(handle, value);
    }

    /** Of a gauge that is the sum of what each of its owners says: this is what this owner says from now on. */
    synchronized void share(double value) {
        if (value != shared) {
            MetricApi.metricIncrement(handle, value - shared);
            shared = value;
        }
    }

    /** Of a histogram. */
    void observe(double value) {
        MetricApi.metricObserve(handle, value);
    }

    @Override
    public void close() {
        if (shared != 0) {
            share(0);
        }
        MetricApi.metricDelete(handle);
    }
}
