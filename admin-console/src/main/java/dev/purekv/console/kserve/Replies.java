package dev.purekv.console.kserve;

import dev.purekv.console.exchange.AnswerStatus;
import dev.purekv.console.exchange.Refusal;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Short answers, written at once. */
final class Replies {
    static final String JSON = "application/json";

    private Replies() {}

    static void json(HttpServletResponse response, String body) throws IOException {
        send(response, 200, body.getBytes(StandardCharsets.UTF_8));
    }

    static void empty(HttpServletResponse response, int status) {
        response.setStatus(status);
        response.setContentLength(0);
    }

    static void refuse(HttpServletResponse response, Refusal refusal) throws IOException {
        refusal.headers().forEach(response::setHeader);
        send(response, refusal.status(), ResponseJson.error(refusal.getMessage()));
    }

    private static void send(HttpServletResponse response, int status, byte[] body) throws IOException {
        AnswerStatus.set(response, status);
        response.setContentType(JSON);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
