package dev.purekv.server;

/** Decides which requests are traced. Any thread may call. */
public interface Tracing {
    /** @return who hears of the request's stages; null for a request that is not traced */
    TraceListener begin(InferenceRequest request);
}
