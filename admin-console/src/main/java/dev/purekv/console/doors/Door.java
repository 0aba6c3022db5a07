package dev.purekv.console.doors;

/** The HTTP doors. */
public enum Door {
    /** KServe v2 and Triton's generate. */
    KSERVE("purekv.http"),
    /** Prometheus. */
    METRICS("purekv.metrics"),
    /** Pages for people; wants a login. */
    CONSOLE("purekv.console");

    private final String settings;

    Door(String settings) {
        this.settings = settings;
    }

    /** @return the name of one of the door's settings */
    String setting(String name) {
        return settings + "." + name;
    }
}
