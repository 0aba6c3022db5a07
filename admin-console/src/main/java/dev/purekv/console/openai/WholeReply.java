package dev.purekv.console.openai;

import dev.purekv.console.exchange.ReplyForm;
import dev.purekv.server.InferenceResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** One JSON answer. */
final class WholeReply implements ReplyForm {
    static final String JSON_TYPE = "application/json";
    private static final String NO_ANSWER = "the model ended without an answer";

    private final JsonMapper json;
    private final Rendering rendering;
    private final Usage usage;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private byte[] body;
    private int status = 200;

    WholeReply(JsonMapper json, Ask ask) {
        this.json = json;
        this.rendering = new Rendering(json, ask);
        this.usage = new Usage(json);
    }

    @Override
    public byte[] take(InferenceResponse response, boolean last) {
        if (response != null && body == null) {
            try {
                Part part = Part.of(response, json);
                usage.add(part);
                body = json.writeValueAsBytes(rendering.whole(part, usage));
            } catch (RuntimeException e) {
                refuse(ApiError.of(e));
            }
        }
        if (!last) {
            return null;
        }
        if (body == null) {
            refuse(ApiError.of(new IllegalStateException(NO_ANSWER)));
        }
        headers.put("Content-Length", Integer.toString(body.length));
        return body;
    }

    private void refuse(ApiError error) {
        status = error.status();
        headers.putAll(error.headers());
        body = error.json();
    }

    @Override
    public String contentType() {
        return JSON_TYPE;
    }

    @Override
    public Map<String, String> headers() {
        return headers;
    }

    @Override
    public int status() {
        return status;
    }
}
