package dev.purekv.console.openai;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The messages of a chat, changed in place into what the model takes: OpenAI's role {@code developer} is its {@code system},
 * and media that the request names by an address are put in.
 */
final class Conversation {
    private static final List<String> MEDIA = List.of("image_url", "video_url", "image", "video");

    private final ArrayNode messages;
    private final List<Address> addresses = new ArrayList<>();

    private Conversation(ArrayNode messages) {
        this.messages = messages;
    }

    /** @throws ApiError 400 for a request without messages */
    static Conversation of(JsonNode request) {
        if (!(request.path("messages") instanceof ArrayNode messages) || messages.isEmpty()) {
            throw ApiError.invalid("messages", "'messages' must be an array of at least one message");
        }
        Conversation conversation = new Conversation(messages);
        for (int i = 0; i < messages.size(); i++) {
            conversation.message(messages.get(i), "messages[" + i + "]");
        }
        return conversation;
    }

    ArrayNode messages() {
        return messages;
    }

    /** The media that are to be fetched, in order. */
    List<Address> addresses() {
        return addresses;
    }

    /** A medium that the request names by its address. */
    record Address(String uri, String where, ObjectNode holder, String field) {
        void replace(String dataUri) {
            holder.put(field, dataUri);
        }
    }

    private void message(JsonNode message, String where) {
        if (!(message instanceof ObjectNode object)) {
            throw ApiError.invalid(where, "'" + where + "' must be an object with 'role' and 'content'");
        }
        if (object.path("role").asString("").equals("developer")) {
            object.put("role", "system");
        }
        if (!object.path("tool_calls").isEmpty()) {
            throw ApiError.unsupported(where + ".tool_calls", "'" + where + ".tool_calls' is not supported");
        }
        JsonNode content = object.path("content");
        if (content.isArray()) {
            for (int i = 0; i < content.size(); i++) {
                part(content.get(i), where + ".content[" + i + "]");
            }
        }
    }

    private void part(JsonNode part, String where) {
        String type = part.path("type").asString("");
        if (!(part instanceof ObjectNode object) || !MEDIA.contains(type)) {
            return;
        }
        JsonNode medium = object.path(type);
        if (medium instanceof ObjectNode holder) {
            note(holder, "url", holder.path("url"), where + "." + type + ".url");
        } else if (medium.isString()) {
            note(object, type, medium, where + "." + type);
        }
    }

    private void note(ObjectNode holder, String field, JsonNode value, String where) {
        String start = value.asString("");
        start = start.substring(0, Math.min(8, start.length())).toLowerCase(Locale.ROOT);
        if (start.startsWith("http://") || start.startsWith("https://")) {
            addresses.add(new Address(value.asString(), where, holder, field));
        }
    }
}
