package dev.purekv.server;

/** Triton's refusal: its status code and its message. */
public final class ServerException extends RuntimeException {
    /** TRITONSERVER_Error_Code, by its names and in its order (tritonserver.h). */
    public enum Status {
        UNKNOWN,
        INTERNAL,
        NOT_FOUND,
        INVALID_ARG,
        UNAVAILABLE,
        UNSUPPORTED,
        ALREADY_EXISTS,
        CANCELLED
    }

    private final Status status;

    public ServerException(Status status, String message) {
        super(message);
        this.status = status;
    }

    public Status status() {
        return status;
    }
}
