package dev.purekv.console.exchange;

import dev.purekv.ServingException;
import dev.purekv.console.keys.KeyRefused;
import dev.purekv.server.ServerException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/** An answer that says no: an HTTP status and Triton's {@code {"error": message}}. */
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final Logger LOG = LoggerFactory.getLogger(Refusal.class);

    private final int status;
    private final transient Map<String, String> headers;

    public Refusal(int status, String message) {
        this(status, message, Map.of());
    }

    private Refusal(int status, String message, Map<String, String> headers) {
        super(message, null, false, false); // it is an answer, not a defect: no stack trace
        this.status = status;
        this.headers = headers;
    }

    public static Refusal invalid(String message) {
        return new Refusal(400, message);
    }

    public static Refusal notFound() {
        return new Refusal(404, "Not Found");
    }

    public static Refusal wrongMethod() {
        return new Refusal(405, "Method Not Allowed");
    }

    public int status() {
        return status;
    }

    /** What the answer says besides, such as when to come again. */
    public Map<String, String> headers() {
        return headers;
    }

    /** The one place that turns a failure into an answer. */
    public static Refusal of(Throwable failure) {
        if (failure instanceof Refusal refusal) {
            return refusal;
        }
        if (failure instanceof ServerException refused) {
            return new Refusal(statusOf(refused.status()), refused.getMessage());
        }
        if (failure instanceof ServingException refused) {
            return new Refusal(statusOf(refused.code()), refused.getMessage());
        }
        if (failure instanceof KeyRefused refused) {
            return ofKey(refused);
        }
        if (failure instanceof JacksonException json) {
            return invalid("failed to parse the request JSON buffer: " + firstLine(json.getOriginalMessage()));
        }
        if (failure instanceof OutOfMemoryError) {
            LOG.error("answering a request failed: {}", failure.getMessage());
            return new Refusal(
                    503,
                    "the request needs more memory than is left; send less, or give the server a larger heap (-Xmx)");
        }
        LOG.error("answering a request failed", failure);
        return new Refusal(500, "answering the request failed inside the server; its log says why");
    }

    private static String firstLine(String message) {
        String text = message == null ? "malformed JSON" : message;
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }

    private static Refusal ofKey(KeyRefused refused) {
        return switch (refused.reason()) {
            case UNKNOWN -> new Refusal(401, refused.getMessage(), Map.of("WWW-Authenticate", "Bearer"));
            case SCOPE -> new Refusal(403, refused.getMessage());
            case RATE ->
                new Refusal(
                        429,
                        refused.getMessage(),
                        Map.of("Retry-After", Long.toString(refused.retryAfter().toSeconds())));
            case UNREADABLE -> new Refusal(503, refused.getMessage());
        };
    }

    /** Triton's table of its codes (http_server.cc HttpCodeFromError). */
    private static int statusOf(ServerException.Status status) {
        return switch (status) {
            case INTERNAL -> 500;
            case NOT_FOUND -> 404;
            case UNAVAILABLE -> 503;
            case UNSUPPORTED -> 501;
            case UNKNOWN, INVALID_ARG, ALREADY_EXISTS, CANCELLED -> 400;
        };
    }

    private static int statusOf(ServingException.Code code) {
        return switch (code) {
            case INVALID_REQUEST, CANCELLED -> 400;
            case NOT_FOUND -> 404;
            case OUT_OF_CAPACITY -> 503;
            case UNSUPPORTED -> 501;
            case INTERNAL -> 500;
        };
    }
}
