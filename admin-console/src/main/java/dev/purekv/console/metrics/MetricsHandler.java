package dev.purekv.console.metrics;

import dev.purekv.console.doors.Door;
import dev.purekv.console.doors.DoorHandler;
import dev.purekv.server.InferenceServer;
import dev.purekv.server.ServerException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.springframework.stereotype.Component;

/** {@code GET /metrics}: Triton's metrics as they are. */
@Component
final class MetricsHandler implements DoorHandler {
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final InferenceServer server;

    MetricsHandler(InferenceServer server) {
        this.server = server;
    }

    @Override
    public Door door() {
        return Door.METRICS;
    }

    @Override
    public void handle(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!request.getRequestURI().equals("/metrics")) {
            answer(response, HttpServletResponse.SC_NOT_FOUND, "text/plain; charset=utf-8", "Not Found\n");
        } else if (!request.getMethod().equals("GET")) {
            response.setHeader("Allow", "GET");
            answer(
                    response,
                    HttpServletResponse.SC_METHOD_NOT_ALLOWED,
                    "text/plain; charset=utf-8",
                    "Method Not Allowed\n");
        } else {
            metrics(response);
        }
    }

    @Override
    public void refused(HttpServletRequest request, HttpServletResponse response) {
        // The status says it; there is no body that Prometheus would read.
    }

    private void metrics(HttpServletResponse response) throws IOException {
        String text;
        try {
            text = server.metrics();
        } catch (ServerException e) {
            answer(
                    response,
                    HttpServletResponse.SC_SERVICE_UNAVAILABLE,
                    "text/plain; charset=utf-8",
                    e.getMessage() + "\n");
            return;
        }
        answer(response, HttpServletResponse.SC_OK, PROMETHEUS, text);
    }

    private static void answer(HttpServletResponse response, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        response.setStatus(status);
        response.setContentType(type);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
