package dev.purekv.console.openai;

import java.time.Instant;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Writes one answer's JSON objects; all of them carry the same id and time. */
final class Rendering {
    private final JsonMapper json;
    private final Ask ask;
    private final Logprobs logprobs;
    private final long created = Instant.now().getEpochSecond();

    Rendering(JsonMapper json, Ask ask) {
        this.json = json;
        this.ask = ask;
        this.logprobs = new Logprobs(json);
    }

    /** Everything but the choices. */
    private ObjectNode head() {
        return json.createObjectNode()
                .put("id", ask.id())
                .put("object", ask.shape().object(ask.stream()))
                .put("created", created)
                .put("model", ask.model());
    }

    /** The whole answer. */
    ObjectNode whole(Part part, Usage usage) {
        ObjectNode answer = head();
        ObjectNode choice = choice(answer, part.logprobs());
        if (ask.shape() == Shape.CHAT) {
            choice.putObject("message")
                    .put("role", "assistant")
                    .put("content", part.text())
                    .putNull("refusal");
        } else {
            choice.put("text", part.text());
        }
        choice.put("finish_reason", part.finish().isEmpty() ? "stop" : part.finish());
        answer.set("usage", usage.counts());
        if (ask.metrics()) {
            answer.set("purekv", usage.cache());
        }
        return answer;
    }

    /** A chat's first event. */
    ObjectNode role() {
        ObjectNode event = event();
        ObjectNode choice = choice(event, null);
        choice.putObject("delta").put("role", "assistant").put("content", "");
        choice.putNull("finish_reason");
        return event;
    }

    ObjectNode piece(Part part) {
        ObjectNode event = event();
        ObjectNode choice = choice(event, part.logprobs());
        if (ask.shape() == Shape.CHAT) {
            choice.putObject("delta").put("content", part.text());
        } else {
            choice.put("text", part.text());
        }
        choice.putNull("finish_reason");
        return event;
    }

    /** The event that says why the answer ended. */
    ObjectNode end(String finish, Usage usage) {
        ObjectNode event = event();
        ObjectNode choice = choice(event, null);
        if (ask.shape() == Shape.CHAT) {
            choice.putObject("delta");
        } else {
            choice.put("text", "");
        }
        choice.put("finish_reason", finish);
        if (ask.metrics()) {
            event.set("purekv", usage.cache());
        }
        return event;
    }

    /** The last event where the client asked for counts; it has no choices. */
    ObjectNode usage(Usage usage) {
        ObjectNode event = head();
        event.putArray("choices");
        event.set("usage", usage.counts());
        return event;
    }

    private ObjectNode event() {
        ObjectNode event = head();
        if (ask.usageAtEnd()) {
            event.putNull("usage"); // OpenAI's rule: null in all events but the last
        }
        return event;
    }

    private ObjectNode choice(ObjectNode answer, JsonNode tokens) {
        ObjectNode choice = answer.putArray("choices").addObject().put("index", 0);
        if (ask.logprobs() && tokens != null) {
            choice.set("logprobs", logprobs.next(ask.shape(), tokens));
        } else {
            choice.putNull("logprobs");
        }
        return choice;
    }
}
