package dev.purekv.console.openai;

import dev.purekv.console.exchange.Refusal;
import dev.purekv.server.ServerException;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** An answer that says no, in OpenAI's shape: {@code {"error": {"message", "type", "param", "code"}}}. */
final class ApiError extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int CANCELLED = 499; // nginx's; HTTP has none for a client that gave up

    private final int status;
    private final String param;
    private final String code;
    private final transient Map<String, String> headers;

    private ApiError(int status, String message, String param, String code, Map<String, String> headers) {
        super(message, null, false, false); // it is an answer, not a defect: no stack trace
        this.status = status;
        this.param = param;
        this.code = code;
        this.headers = headers;
    }

    /** @param param the field that is wrong, such as {@code messages[0].role} */
    static ApiError invalid(String param, String message) {
        return new ApiError(400, message, param, null, Map.of());
    }

    /** What the API has and this server does not. */
    static ApiError unsupported(String param, String message) {
        return new ApiError(400, message, param, "unsupported_value", Map.of());
    }

    static ApiError noSuchModel(String model) {
        return new ApiError(
                404,
                "The model '" + model + "' does not exist, or is not ready: GET /v1/models lists those that are",
                "model",
                "model_not_found",
                Map.of());
    }

    static ApiError noSuchPath(String path) {
        return new ApiError(404, "Unknown path " + path, null, "unknown_url", Map.of());
    }

    static ApiError wrongMethod(String allowed) {
        return new ApiError(
                405, "Wrong method: expected " + allowed, null, "method_not_supported", Map.of("Allow", allowed));
    }

    static ApiError of(Throwable failure) {
        if (failure instanceof ApiError error) {
            return error;
        }
        if (failure instanceof ServerException refused) {
            return switch (refused.status()) {
                case CANCELLED -> plain(CANCELLED, refused.getMessage());
                // Not 501: clients try again after every 5xx, and this cannot succeed.
                case UNSUPPORTED -> unsupported(null, refused.getMessage());
                default -> of(Refusal.of(refused));
            };
        }
        return of(Refusal.of(failure));
    }

    static ApiError of(Refusal refusal) {
        return new ApiError(refusal.status(), refusal.getMessage(), null, code(refusal.status()), refusal.headers());
    }

    private static ApiError plain(int status, String message) {
        return new ApiError(status, message, null, code(status), Map.of());
    }

    private static String code(int status) {
        return switch (status) {
            case 401 -> "invalid_api_key";
            case 403 -> "insufficient_permissions";
            case 404 -> "not_found";
            case 413 -> "request_too_large";
            case 429 -> "rate_limit_exceeded";
            case CANCELLED -> "cancelled";
            case 503 -> "overloaded";
            default -> null;
        };
    }

    private String type() {
        return switch (status) {
            case 429 -> "rate_limit_error";
            case CANCELLED -> "cancelled_error";
            default -> status >= 500 ? "server_error" : "invalid_request_error";
        };
    }

    int status() {
        return status;
    }

    Map<String, String> headers() {
        return headers;
    }

    /** @return the body, UTF-8 */
    byte[] json() {
        ObjectNode body = JSON.createObjectNode();
        body.putObject("error")
                .put("message", getMessage())
                .put("type", type())
                .put("param", param)
                .put("code", code);
        return JSON.writeValueAsBytes(body);
    }
}
