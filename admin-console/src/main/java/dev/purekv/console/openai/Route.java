package dev.purekv.console.openai;

import dev.purekv.console.keys.Scope;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/**
 * What a path below {@code /v1} names.
 *
 * @param model of {@link Kind#MODEL}, else empty
 */
record Route(Kind kind, String model) {
    private static final String MODELS = "/v1/models";

    /** What can be asked for, by which method, and what a key must be good for. */
    enum Kind {
        MODELS("GET", Scope.METADATA),
        MODEL("GET", Scope.METADATA),
        CHAT("POST", Scope.INFERENCE),
        COMPLETION("POST", Scope.INFERENCE);

        private final String method;
        private final Scope scope;

        Kind(String method, Scope scope) {
            this.method = method;
            this.scope = scope;
        }

        String method() {
            return method;
        }

        Scope scope() {
            return scope;
        }
    }

    /** @throws ApiError 404 for a path that names nothing */
    static Route of(String path) {
        return switch (path) {
            case MODELS -> new Route(Kind.MODELS, "");
            case "/v1/chat/completions" -> new Route(Kind.CHAT, "");
            case "/v1/completions" -> new Route(Kind.COMPLETION, "");
            default -> {
                if (!path.startsWith(MODELS + "/") || path.length() == MODELS.length() + 1) {
                    throw ApiError.noSuchPath(path);
                }
                yield new Route(Kind.MODEL, decode(path.substring(MODELS.length() + 1)));
            }
        };
    }

    private static String decode(String name) {
        try {
            return URLDecoder.decode(name.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw ApiError.invalid("model", "The model's name is no percent-encoded UTF-8");
        }
    }
}
