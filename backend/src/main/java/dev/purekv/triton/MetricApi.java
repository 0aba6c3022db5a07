package dev.purekv.triton;

/**
 * Triton's registry of metrics, as the shim offers it; what is made here appears in Triton's own metrics. Conventions are those
 * of {@link BackendApi}.
 *
 * <p>Reference: tritonserver.h, API 1.34. Updating a metric takes 20 to 30 nanoseconds, JNI included, and may happen on any thread; making and
 * deleting may not happen at once (a metric that another thread deletes can be handed out again, core/src/metric_family.cc).
 */
final class MetricApi {
    /** TRITONSERVER_MetricKind, in its order. */
    enum Kind {
        COUNTER,
        GAUGE,
        HISTOGRAM
    }

    private MetricApi() {}

    /** Families of one name and kind are one family. */
    static native long familyNew(int kind, byte[] name, byte[] help);

    /** After all of its metrics. */
    static native void familyDelete(long family);

    /**
     * Metrics of one family with the same labels share one value, which ends with the last of them.
     *
     * @param labels names and values in turn
     * @param bounds of a histogram's buckets, ascending; empty for the other kinds
     */
    static native long metricNew(long family, byte[][] labels, double[] bounds);

    static native void metricDelete(long metric);

    /** Of a counter or a gauge. */
    static native void metricIncrement(long metric, double value);

    /** Of a gauge. */
    static native void metricSet(long metric, double value);

    /** Of a histogram. */
    static native void metricObserve(long metric, double value);

    /** Tells Triton what a model takes: its statistics show it. In its initializer only. */
    static native void modelMemory(long model, boolean gpu, long device, long bytes);
}
