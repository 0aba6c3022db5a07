package dev.purekv.console.kserve;

import dev.purekv.ServingException;
import dev.purekv.server.ServerException;

/** An answer that says no: an HTTP status and Triton's {@code {"error": message}}. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;

    Refusal(int status, String message) {
        super(message, null, false, false); // it is an answer, not a defect: no stack trace
        this.status = status;
    }

    static Refusal invalid(String message) {
        return new Refusal(400, message);
    }

    static Refusal notFound() {
        return new Refusal(404, "Not Found");
    }

    static Refusal wrongMethod() {
        return new Refusal(405, "Method Not Allowed");
    }

    int status() {
        return status;
    }

    /** Triton's table of its codes (http_server.cc HttpCodeFromError). */
    static int statusOf(ServerException.Status status) {
        return switch (status) {
            case INTERNAL -> 500;
            case NOT_FOUND -> 404;
            case UNAVAILABLE -> 503;
            case UNSUPPORTED -> 501;
            case UNKNOWN, INVALID_ARG, ALREADY_EXISTS, CANCELLED -> 400;
        };
    }

    static int statusOf(ServingException.Code code) {
        return switch (code) {
            case INVALID_REQUEST, CANCELLED -> 400;
            case NOT_FOUND -> 404;
            case OUT_OF_CAPACITY -> 503;
            case UNSUPPORTED -> 501;
            case INTERNAL -> 500;
        };
    }
}
