package dev.purekv.triton;

import dev.purekv.ServingException;
import dev.purekv.server.ServerException.Status;

/** The one table from our codes to Triton's. */
final class Statuses {
    private Statuses() {}

    static Status of(ServingException.Code code) {
        return switch (code) {
            case INVALID_REQUEST -> Status.INVALID_ARG;
            case NOT_FOUND -> Status.NOT_FOUND;
            case OUT_OF_CAPACITY -> Status.UNAVAILABLE;
            case CANCELLED -> Status.CANCELLED;
            case UNSUPPORTED -> Status.UNSUPPORTED;
            case INTERNAL -> Status.INTERNAL;
        };
    }
}
