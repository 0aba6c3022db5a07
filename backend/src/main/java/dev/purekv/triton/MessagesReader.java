package dev.purekv.triton;

import dev.purekv.ServingException;
import dev.purekv.text.Message;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a conversation as OpenAI's chat API writes it. Content parts: {@code text}, {@code image_url} and
 * {@code video_url} (data URIs), and {@code image} and {@code video} with their file as base64, or without one: then the
 * next element of the tensor of that name is taken. A clip may come as its frames: {@code video} as a list of pictures, as
 * in Qwen's messages, or {@code video_url} as vLLM reads it, {@code data:video/jpeg;base64,} and pictures with commas
 * between; {@code sample_fps} or {@code fps} beside it says how many make a second.
 */
final class MessagesReader {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Iterator<byte[]> images;
    private final Iterator<byte[]> videos;

    private MessagesReader(List<byte[]> images, List<byte[]> videos) {
        this.images = images.iterator();
        this.videos = videos.iterator();
    }

    /**
     * @param images files of the {@code image} tensor, decoded
     * @throws ServingException INVALID_REQUEST naming the message and part
     */
    static List<Message> read(String json, List<byte[]> images, List<byte[]> videos) {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JacksonException e) {
            throw ServingException.invalid(
                    "input 'messages' must be a JSON array of messages: %s", e.getOriginalMessage());
        }
        if (!root.isArray() || root.isEmpty()) {
            throw ServingException.invalid(
                    "input 'messages' must be a JSON array with at least one message, got %s",
                    root.getNodeType().name().toLowerCase(Locale.ROOT));
        }
        MessagesReader reader = new MessagesReader(images, videos);
        List<Message> messages = new ArrayList<>();
        for (JsonNode each : root) {
            messages.add(reader.message(each, "messages[" + messages.size() + "]"));
        }
        if (reader.images.hasNext() || reader.videos.hasNext()) {
            throw ServingException.invalid(
                    "the 'image' and 'video' tensors hold more files than the messages have parts for: add a part {\"type\": \"video\"} for each");
        }
        return messages;
    }

    private Message message(JsonNode message, String where) {
        JsonNode role = message.path("role");
        if (!role.isString()) {
            throw ServingException.invalid("%s.role must be a text: system, user or assistant", where);
        }
        JsonNode content = message.path("content");
        if (content.isString()) {
            return new Message(role.asString(), List.of(new Message.Text(content.asString())));
        }
        if (!content.isArray()) {
            throw ServingException.invalid("%s.content must be a text or an array of parts", where);
        }
        List<Message.Part> parts = new ArrayList<>();
        for (JsonNode part : content) {
            parts.add(part(part, where + ".content[" + parts.size() + "]"));
        }
        return new Message(role.asString(), parts);
    }

    private Message.Part part(JsonNode part, String where) {
        String type = part.path("type").asString("");
        return switch (type) {
            case "text" -> new Message.Text(text(part.path("text"), where + ".text"));
            case "image", "image_url" -> new Message.Image(file(part, type, images, where));
            case "video", "video_url" -> {
                List<byte[]> frames = FrameList.read(part, type, where);
                yield frames.isEmpty()
                        ? new Message.Video(file(part, type, videos, where))
                        : new Message.Frames(frames, FrameList.framesPerSecond(part, where));
            }
            default ->
                throw ServingException.invalid(
                        "%s.type must be text, image, image_url, video or video_url, got '%s'", where, type);
        };
    }

    private static byte[] file(JsonNode part, String type, Iterator<byte[]> tensor, String where) {
        JsonNode value = part.path(type);
        if (value.isObject()) {
            value = value.path("url");
        }
        if (value.isString()) {
            return EncodedMedia.decode(value.asString().getBytes(StandardCharsets.UTF_8), where + "." + type);
        }
        if (!value.isMissingNode() && !value.isNull()) {
            throw ServingException.invalid("%s.%s must be a data URI or base64 text", where, type);
        }
        if (!tensor.hasNext()) {
            throw ServingException.invalid(
                    "%s has no file: put a data URI into '%s', or send one more element in the tensor '%s'",
                    where, type, type.substring(0, 5));
        }
        return tensor.next();
    }

    private static String text(JsonNode value, String where) {
        if (!value.isString()) {
            throw ServingException.invalid("%s must be a text", where);
        }
        return value.asString();
    }
}
