package dev.purekv.console.kserve;

import dev.purekv.console.keys.Scope;

/** What the door can do, each with its one HTTP method and what a key must be good for. */
enum Operation {
    LIVE("GET", Scope.HEALTH),
    READY("GET", Scope.HEALTH),
    SERVER_METADATA("GET", Scope.METADATA),
    MODEL_METADATA("GET", Scope.METADATA),
    MODEL_READY("GET", Scope.METADATA),
    MODEL_CONFIG("GET", Scope.METADATA),
    STATISTICS("GET", Scope.METADATA),
    INDEX("POST", Scope.REPOSITORY),
    LOAD("POST", Scope.REPOSITORY),
    UNLOAD("POST", Scope.REPOSITORY),
    LOG("GET", Scope.REPOSITORY),
    CHANGE_LOG("POST", Scope.REPOSITORY),
    TRACE("GET", Scope.REPOSITORY),
    CHANGE_TRACE("POST", Scope.REPOSITORY),
    SHARED_STATUS("GET", Scope.INFERENCE),
    SHARED_REGISTER("POST", Scope.INFERENCE),
    SHARED_UNREGISTER("POST", Scope.INFERENCE),
    CUDA_STATUS("GET", Scope.INFERENCE),
    CUDA_REGISTER("POST", Scope.INFERENCE),
    CUDA_UNREGISTER("POST", Scope.INFERENCE),
    INFER("POST", Scope.INFERENCE),
    GENERATE("POST", Scope.INFERENCE),
    GENERATE_STREAM("POST", Scope.INFERENCE);

    private final String method;
    private final Scope scope;

    Operation(String method, Scope scope) {
        this.method = method;
        this.scope = scope;
    }

    String method() {
        return method;
    }

    /** Every HTTP method that its path has. */
    String allowed() {
        return switch (this) {
            case LOG, CHANGE_LOG, TRACE, CHANGE_TRACE -> "GET, POST";
            default -> method;
        };
    }

    /** What a key must be good for. */
    Scope scope() {
        return scope;
    }
}
