package dev.purekv.console.openai;

import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The model's list of likelihoods in OpenAI's two forms. */
final class Logprobs {
    /** A token may be part of a character; it has no text of its own then. */
    private static final String PART_OF_A_CHARACTER = "\ufffd";

    private final JsonMapper json;

    /** Characters of the completion before the next token. */
    private int offset;

    Logprobs(JsonMapper json) {
        this.json = json;
    }

    /** @param tokens an array with an object a token, or null */
    JsonNode next(Shape shape, JsonNode tokens) {
        return shape == Shape.CHAT ? chat(tokens) : completion(tokens);
    }

    private ObjectNode chat(JsonNode tokens) {
        ObjectNode result = json.createObjectNode();
        ArrayNode content = result.putArray("content");
        if (tokens != null) {
            for (JsonNode token : tokens) {
                ArrayNode others = described(content.addObject(), token).putArray("top_logprobs");
                token.path("top_logprobs").forEach(other -> described(others.addObject(), other));
            }
        }
        result.putNull("refusal");
        return result;
    }

    private static ObjectNode described(ObjectNode into, JsonNode token) {
        String text = token.path("text").asString("");
        into.put("token", text).put("logprob", token.path("logprob").asDouble());
        if (text.contains(PART_OF_A_CHARACTER)) {
            into.putNull("bytes");
        } else {
            ArrayNode bytes = into.putArray("bytes");
            for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
                bytes.add(each & 0xff);
            }
        }
        return into;
    }

    private ObjectNode completion(JsonNode tokens) {
        ObjectNode result = json.createObjectNode();
        ArrayNode texts = result.putArray("tokens");
        ArrayNode values = result.putArray("token_logprobs");
        ArrayNode tops = result.putArray("top_logprobs");
        ArrayNode offsets = result.putArray("text_offset");
        if (tokens != null) {
            for (JsonNode token : tokens) {
                String text = token.path("text").asString("");
                texts.add(text);
                values.add(token.path("logprob").asDouble());
                ObjectNode top = tops.addObject();
                token.path("top_logprobs")
                        .forEach(other -> top.put(
                                other.path("text").asString(""),
                                other.path("logprob").asDouble()));
                offsets.add(offset);
                offset += text.length();
            }
        }
        return result;
    }
}
