package dev.purekv.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What integration-tests/reference/make_text_goldens.py made with transformers and tokenizers. */
public final class TextGolden {
    private static final byte[] NO_BYTES = {};

    private TextGolden() {}

    public static Path folder(String name) {
        try {
            return Path.of(TextGolden.class.getResource("/golden/text/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static JsonNode json() {
        try {
            return JsonMapper.shared().readTree(Files.readString(folder("text.json")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Message> conversation(JsonNode messages) {
        List<Message> conversation = new ArrayList<>();
        for (JsonNode message : messages) {
            List<Message.Part> parts = new ArrayList<>();
            JsonNode content = message.get("content");
            if (content.isString()) {
                parts.add(new Message.Text(content.asString()));
            }
            for (JsonNode part : content) {
                parts.add(
                        switch (part.get("type").asString()) {
                            case "image" -> new Message.Image(NO_BYTES);
                            case "video" -> new Message.Video(NO_BYTES);
                            default -> new Message.Text(part.get("text").asString());
                        });
            }
            conversation.add(new Message(message.get("role").asString(), parts));
        }
        return conversation;
    }

    static int[] ints(JsonNode array) {
        int[] values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asInt();
        }
        return values;
    }
}
