package dev.purekv.server;

/** An inference under way. */
public interface RunningInference {
    /** Asks the server to stop; a last response still comes. Safe at any time, also after the end. */
    void cancel();
}
