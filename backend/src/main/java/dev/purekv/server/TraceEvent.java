package dev.purekv.server;

/**
 * A stage that a request has reached.
 *
 * @param id of the request's trace, unique in the process
 * @param parent the trace of the ensemble's request, or 0
 * @param request the client's own name of the request, or empty
 * @param activity as Triton names it, such as {@code COMPUTE_START}
 * @param nanoseconds of the machine's steady clock
 */
public record TraceEvent(
        long id, long parent, String model, long version, String request, String activity, long nanoseconds) {}
