package dev.purekv.console.playground;

import dev.purekv.server.InferenceResponse;
import dev.purekv.server.ResponseObserver;
import dev.purekv.server.RunningInference;
import dev.purekv.server.TensorData;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An answer as lines of JSON, written as it comes: {@code {"text": ...}} for each piece, {@code {"problem": ...}} for a refusal, and at the
 * end {@code {"end": true, ...}} with reason, counts, figures and kept tokens. An empty line now and then shows whether anybody
 * still reads.
 */
final class AnswerLines implements ResponseObserver {
    private static final long ASK_READER_MILLIS = 400;

    /** @param response null where only the end is told */
    private record Said(InferenceResponse response, boolean last) {}

    private final JsonMapper json;
    private final BlockingQueue<Said> said =
            new LinkedBlockingQueue<>(); // as long as an answer, which max_tokens bounds
    private final long start = System.nanoTime();
    private double firstMillis;

    AnswerLines(JsonMapper json) {
        this.json = json;
    }

    @Override
    public void response(InferenceResponse response, boolean last) {
        said.add(new Said(response, last));
    }

    /** Writes until the answer's end, or until nobody reads any more: then it is cancelled, and its end awaited. */
    void write(OutputStream out, RunningInference inference) throws InterruptedException {
        boolean read = true;
        for (boolean last = false; !last; ) {
            Said next = said.poll(ASK_READER_MILLIS, TimeUnit.MILLISECONDS);
            last = next != null && next.last();
            if (read) {
                try {
                    out.write((next == null ? "\n" : lines(next)).getBytes(StandardCharsets.UTF_8));
                    out.flush();
                } catch (IOException gone) {
                    read = false;
                    inference.cancel();
                }
            }
        }
    }

    private String lines(Said next) {
        InferenceResponse response = next.response();
        if (response == null) {
            return "";
        }
        ObjectNode line = json.createObjectNode();
        if (response.error() != null) {
            return line.put("problem", response.error().getMessage()) + "\n";
        }
        String text = text(response, "text_output").orElse("");
        if (firstMillis == 0) {
            firstMillis = millis();
        }
        line.put("text", text);
        String reason = text(response, "finish_reason").orElse("");
        if (!reason.isEmpty()) {
            line.put("end", true)
                    .put("reason", reason)
                    .put("first_ms", firstMillis)
                    .put("all_ms", millis());
            line.set("figures", json.valueToTree(response.parameters()));
            text(response, "kept_tokens").ifPresent(kept -> line.set("kept", json.readTree(kept)));
        }
        return line + "\n";
    }

    private double millis() {
        return Math.rint((System.nanoTime() - start) / 1e5) / 10;
    }

    private static Optional<String> text(InferenceResponse response, String name) {
        return response.outputs().stream()
                .filter(each -> each.name().equals(name))
                .map(TensorData::data)
                .filter(data -> data.length >= 4)
                .map(data -> new String(data, 4, data.length - 4, StandardCharsets.UTF_8))
                .findFirst();
    }
}
