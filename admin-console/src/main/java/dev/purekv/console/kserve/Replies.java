package dev.purekv.console.kserve;

import dev.purekv.ServingException;
import dev.purekv.server.ServerException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/** Short answers, written at once. */
final class Replies {
    static final String JSON = "application/json";

    private static final Logger LOG = LoggerFactory.getLogger(Replies.class);

    private Replies() {}

    static void json(HttpServletResponse response, String body) throws IOException {
        send(response, 200, body.getBytes(StandardCharsets.UTF_8));
    }

    static void empty(HttpServletResponse response, int status) {
        response.setStatus(status);
        response.setContentLength(0);
    }

    static void refuse(HttpServletResponse response, Refusal refusal) throws IOException {
        send(response, refusal.status(), ResponseJson.error(refusal.getMessage()));
    }

    /** The one place that turns a failure into an answer. */
    static Refusal refusalOf(Throwable failure) {
        if (failure instanceof Refusal refusal) {
            return refusal;
        }
        if (failure instanceof ServerException refused) {
            return new Refusal(Refusal.statusOf(refused.status()), refused.getMessage());
        }
        if (failure instanceof ServingException refused) {
            return new Refusal(Refusal.statusOf(refused.code()), refused.getMessage());
        }
        if (failure instanceof JacksonException json) {
            return Refusal.invalid("failed to parse the request JSON buffer: " + firstLine(json.getOriginalMessage()));
        }
        if (failure instanceof OutOfMemoryError) {
            LOG.error("answering a request failed: {}", failure.getMessage());
            return new Refusal(
                    503,
                    "the request needs more memory than is left; send less, or give the server a larger heap (-Xmx)");
        }
        LOG.error("answering a request failed", failure);
        return new Refusal(500, "answering the request failed inside the server; its log says why");
    }

    private static String firstLine(String message) {
        String text = message == null ? "malformed JSON" : message;
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }

    /** Sets the status; one that will pass comes with a time to try again. */
    static void status(HttpServletResponse response, int status) {
        response.setStatus(status);
        if (status == HttpServletResponse.SC_SERVICE_UNAVAILABLE) {
            response.setHeader("Retry-After", "1"); // seconds; answers end all the time
        }
    }

    private static void send(HttpServletResponse response, int status, byte[] body) throws IOException {
        status(response, status);
        response.setContentType(JSON);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
