package dev.purekv.console.openai;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** The fields of a request, each checked as it is read. A field that is null counts as absent, as in OpenAI's API. */
record Fields(JsonNode request) {
    Optional<JsonNode> get(String name) {
        JsonNode value = request.path(name);
        return value.isMissingNode() || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    boolean has(String name) {
        return get(name).isPresent();
    }

    String text(String name) {
        JsonNode value = get(name).orElseThrow(() -> ApiError.invalid(name, "'" + name + "' is missing"));
        if (!value.isString()) {
            throw wrong(name, "a string", value);
        }
        return value.asString();
    }

    boolean flag(String name) {
        Optional<JsonNode> value = get(name);
        value.filter(each -> !each.isBoolean()).ifPresent(each -> {
            throw wrong(name, "true or false", each);
        });
        return value.map(JsonNode::asBoolean).orElse(false);
    }

    /** @return the whole number, or empty */
    Optional<Long> count(String name) {
        Optional<JsonNode> value = get(name);
        value.filter(each -> !each.isIntegralNumber() || !each.canConvertToLong())
                .ifPresent(each -> {
                    throw wrong(name, "a whole number", each);
                });
        return value.map(JsonNode::asLong);
    }

    Optional<Fields> object(String name) {
        Optional<JsonNode> value = get(name);
        value.filter(each -> !each.isObject()).ifPresent(each -> {
            throw wrong(name, "an object", each);
        });
        return value.map(Fields::new);
    }

    /** @throws ApiError where the field asks for more than one of something */
    void requireOne(String name) {
        if (count(name).orElse(1L) != 1) {
            throw ApiError.unsupported(
                    name,
                    "'" + name + "' must be 1: this server gives one answer a request; send the request several times");
        }
    }

    /** @throws ApiError where the field asks for anything; empty lists and objects ask for nothing */
    void requireNone(List<String> names, String why) {
        for (String name : names) {
            Optional<JsonNode> value = get(name);
            boolean nothing = value.isEmpty()
                    || value.get().isContainer() && value.get().isEmpty()
                    || value.get().isBoolean() && !value.get().asBoolean();
            if (!nothing) {
                throw ApiError.unsupported(name, "'" + name + "' is not supported: " + why);
            }
        }
    }

    static ApiError wrong(String name, String expected, JsonNode got) {
        String shown = got.toString();
        return ApiError.invalid(
                name,
                "'" + name + "' must be " + expected + ", got "
                        + (shown.length() > 80 ? shown.substring(0, 80) + "..." : shown));
    }
}
