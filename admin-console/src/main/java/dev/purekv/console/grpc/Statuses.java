package dev.purekv.console.grpc;

import dev.purekv.ServingException;
import dev.purekv.server.ServerException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a problem is called in gRPC. Source: Triton r24.10, src/grpc/grpc_utils.cc, CodeToStatus. */
final class Statuses {
    private static final Logger LOG = LoggerFactory.getLogger(Statuses.class);

    private Statuses() {}

    static Status of(Throwable problem) {
        if (problem instanceof ServerException refusal) {
            return of(refusal.status()).withDescription(refusal.getMessage());
        }
        if (problem instanceof ServingException refusal) {
            return of(refusal.code()).withDescription(refusal.getMessage());
        }
        if (problem instanceof StatusRuntimeException status) {
            return status.getStatus();
        }
        if (problem instanceof RejectedExecutionException) {
            return Status.UNAVAILABLE.withDescription(
                    "too many loads and unloads are under way or waiting; try again later");
        }
        if (problem instanceof OutOfMemoryError) {
            return Status.RESOURCE_EXHAUSTED.withDescription(
                    "the request needs more memory than is left; try again later, or give the server a larger heap (-Xmx)");
        }
        LOG.error("a gRPC call failed", problem);
        return Status.INTERNAL.withDescription("internal error; the server's log has more");
    }

    private static Status of(ServerException.Status status) {
        return switch (status) {
            case UNKNOWN -> Status.UNKNOWN;
            case INTERNAL -> Status.INTERNAL;
            case NOT_FOUND -> Status.NOT_FOUND;
            case INVALID_ARG -> Status.INVALID_ARGUMENT;
            case UNAVAILABLE -> Status.UNAVAILABLE;
            case UNSUPPORTED -> Status.UNIMPLEMENTED;
            case ALREADY_EXISTS -> Status.ALREADY_EXISTS;
            case CANCELLED -> Status.CANCELLED;
        };
    }

    private static Status of(ServingException.Code code) {
        return switch (code) {
            case INVALID_REQUEST -> Status.INVALID_ARGUMENT;
            case NOT_FOUND -> Status.NOT_FOUND;
            case OUT_OF_CAPACITY -> Status.UNAVAILABLE;
            case CANCELLED -> Status.CANCELLED;
            case UNSUPPORTED -> Status.UNIMPLEMENTED;
            case INTERNAL -> Status.INTERNAL;
        };
    }

    static ServerException invalid(String message) {
        return new ServerException(ServerException.Status.INVALID_ARG, message);
    }

    static ServerException unsupported(String message) {
        return new ServerException(ServerException.Status.UNSUPPORTED, message);
    }
}
