package dev.purekv.console.kserve;

import dev.purekv.console.exchange.Refusal;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Single values of requests, and how messages name them. */
final class JsonScalars {
    private JsonScalars() {}

    /**
     * The value of a request parameter, at which the parser stands.
     *
     * @return String, Boolean, Long, or Double for decimals and what is larger
     */
    static Object parameter(JsonParser parser, String key) {
        return switch (parser.currentToken()) {
            case VALUE_STRING -> parser.getString();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NUMBER_INT ->
                parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                        ? finite(parser, key)
                        : (Object) parser.getLongValue();
            case VALUE_NUMBER_FLOAT -> finite(parser, key);
            default ->
                throw Refusal.invalid(
                        "parameter '" + key + "' has invalid type. It should be either 'int', 'bool', or 'string'.");
        };
    }

    private static double finite(JsonParser parser, String key) {
        double number = Double.parseDouble(parser.getString());
        if (!Double.isFinite(number)) {
            throw Refusal.invalid("parameter '" + key + "': the number is too large for a double");
        }
        return number;
    }

    static String words(JsonToken token) {
        return switch (token) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            default -> "null";
        };
    }
}
