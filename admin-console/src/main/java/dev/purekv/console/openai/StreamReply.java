package dev.purekv.console.openai;

import dev.purekv.console.exchange.ReplyForm;
import dev.purekv.server.InferenceResponse;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Server-sent events: the role first, then pieces, the reason of the end, the counts if asked for, and {@code [DONE]}. A
 * failure before the first piece is a plain error with its status; a later one is an event.
 */
final class StreamReply implements ReplyForm {
    // A proxy that gathers events would make a stream of them useless.
    private static final Map<String, String> UNBUFFERED =
            Map.of("Cache-Control", "no-cache", "X-Accel-Buffering", "no");
    private static final String EVENTS = "text/event-stream; charset=utf-8";

    private final JsonMapper json;
    private final Ask ask;
    private final Rendering rendering;
    private final Usage usage;
    private boolean begun;
    private boolean ended;
    private ApiError refused;
    private boolean broken;

    StreamReply(JsonMapper json, Ask ask) {
        this.json = json;
        this.ask = ask;
        this.rendering = new Rendering(json, ask);
        this.usage = new Usage(json);
    }

    @Override
    public byte[] take(InferenceResponse response, boolean last) {
        if (refused != null) {
            return null; // all is said
        }
        ByteArrayOutputStream events = new ByteArrayOutputStream();
        if (response != null && !broken) {
            try {
                answer(Part.of(response, json), events);
            } catch (RuntimeException e) {
                ApiError error = ApiError.of(e);
                if (!begun) {
                    refused = error;
                    return error.json();
                }
                broken = true;
                write(events, error.json());
            }
        }
        if (last) {
            finish(events);
        }
        return events.size() == 0 ? null : events.toByteArray();
    }

    private void answer(Part part, ByteArrayOutputStream events) {
        usage.add(part);
        begin(events);
        if (part.hasContent()) {
            event(events, rendering.piece(part));
        }
        if (!part.finish().isEmpty()) {
            ended = true;
            event(events, rendering.end(part.finish(), usage));
        }
    }

    private void begin(ByteArrayOutputStream events) {
        if (!begun) {
            begun = true;
            if (ask.shape() == Shape.CHAT) {
                event(events, rendering.role());
            }
        }
    }

    private void finish(ByteArrayOutputStream events) {
        if (!broken) {
            begin(events);
            if (!ended) {
                event(events, rendering.end("stop", usage));
            }
            if (ask.usageAtEnd()) {
                event(events, rendering.usage(usage));
            }
        }
        write(events, "[DONE]".getBytes(StandardCharsets.US_ASCII));
    }

    private void event(ByteArrayOutputStream events, ObjectNode object) {
        write(events, json.writeValueAsBytes(object));
    }

    private static void write(ByteArrayOutputStream events, byte[] data) {
        events.writeBytes("data: ".getBytes(StandardCharsets.US_ASCII));
        events.writeBytes(data);
        events.writeBytes("\n\n".getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public String contentType() {
        return refused == null ? EVENTS : WholeReply.JSON_TYPE;
    }

    @Override
    public Map<String, String> headers() {
        return refused == null ? UNBUFFERED : refused.headers();
    }

    @Override
    public int status() {
        return refused == null ? 200 : refused.status();
    }

    @Override
    public boolean settled() {
        return refused != null || broken;
    }
}
