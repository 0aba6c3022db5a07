package dev.purekv.console.doors;

/** The HTTP doors. */
public enum Door {
    /** KServe v2 and Triton's generate. */
    KSERVE,
    /** Prometheus. */
    METRICS,
    /** Pages for people; wants a login. */
    CONSOLE
}
