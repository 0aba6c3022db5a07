package dev.purekv.console.kserve;

/** What the door can do, each with its one HTTP method. */
enum Operation {
    LIVE("GET"),
    READY("GET"),
    SERVER_METADATA("GET"),
    MODEL_METADATA("GET"),
    MODEL_READY("GET"),
    MODEL_CONFIG("GET"),
    STATISTICS("GET"),
    INDEX("POST"),
    LOAD("POST"),
    UNLOAD("POST"),
    INFER("POST"),
    GENERATE("POST"),
    GENERATE_STREAM("POST");

    private final String method;

    Operation(String method) {
        this.method = method;
    }

    String method() {
        return method;
    }
}
