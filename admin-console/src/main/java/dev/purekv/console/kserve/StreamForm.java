package dev.purekv.console.kserve;

import dev.purekv.console.exchange.ReplyForm;
import dev.purekv.server.InferenceResponse;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Server-sent events, one for each response, without an end marker: the end of the body is the end. The status is that
 * of the first response, and later errors are events.
 */
final class StreamForm implements ReplyForm {
    private static final byte[] BEFORE = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] AFTER = "\n\n".getBytes(StandardCharsets.US_ASCII);

    private int status;

    @Override
    public String contentType() {
        return "text/event-stream; charset=utf-8";
    }

    @Override
    public byte[] take(InferenceResponse response, boolean last) {
        Rendered rendered = response == null ? Rendered.NOTHING : Rendered.of(response);
        if (status == 0) {
            status = rendered.status();
        }
        if (rendered.json() == null) {
            return null;
        }
        ByteArrayOutputStream event = new ByteArrayOutputStream(rendered.json().length + 8);
        event.writeBytes(BEFORE);
        event.writeBytes(rendered.json());
        event.writeBytes(AFTER);
        return event.toByteArray();
    }

    @Override
    public int status() {
        return status == 0 ? 200 : status;
    }
}
