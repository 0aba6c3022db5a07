package dev.purekv.server;

/**
 * Hears of the stages of one request, and of the requests that an ensemble makes of it, on threads that must not be held up.
 * Calls may overlap.
 */
public interface TraceListener {
    void reached(TraceEvent event);

    /** Called once, after every event. */
    void ended();
}
