package dev.purekv.triton;

/**
 * What Triton knows of a request and tells no backend. The embedded server writes it beside the request's parameters, under names that
 * Triton keeps from clients; of another server's request it is not known.
 *
 * @param arrived System.nanoTime when the request came to the server; else when it was executed
 * @param priority as clients write it; 0 when it is not known, or not said
 */
record Envelope(long arrived, long priority) {
    static final String ARRIVED = "triton_purekv_arrived";
    static final String PRIORITY = "triton_purekv_priority";

    static Envelope of(long request) {
        long arrived = System.nanoTime();
        long priority = 0;
        int count = BackendApi.parameterCount(request);
        for (int i = 0; i < count; i++) {
            String name = BackendApi.text(BackendApi.parameterName(request, i));
            if (name.equals(ARRIVED)) {
                arrived = BackendApi.parameterLong(request, i);
            } else if (name.equals(PRIORITY)) {
                priority = BackendApi.parameterLong(request, i);
            }
        }
        return new Envelope(arrived, priority);
    }

    /** Whether a parameter is the server's to write. */
    static boolean owns(String name) {
        return name.equals(ARRIVED) || name.equals(PRIORITY);
    }
}
