package dev.purekv.triton;

/**
 * When a request came to the server in this process. Triton tells no backend how long a request stood in its queue, so the embedded server
 * writes the time beside the request's parameters; a server that does not leaves a request's time to count from its execution.
 */
final class Arrival {
    /** System.nanoTime, as a whole number. Triton keeps names that begin so from clients. */
    static final String PARAMETER = "triton_purekv_arrived";

    private Arrival() {}
}
