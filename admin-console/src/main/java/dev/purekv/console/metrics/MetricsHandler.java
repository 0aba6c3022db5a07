package dev.purekv.console.metrics;

import dev.purekv.console.doors.Door;
import dev.purekv.console.doors.DoorHandler;
import dev.purekv.console.exchange.Refusal;
import dev.purekv.console.keys.Access;
import dev.purekv.console.keys.KeyRefused;
import dev.purekv.console.keys.Scope;
import dev.purekv.console.settings.PureKvSettings;
import dev.purekv.server.InferenceServer;
import dev.purekv.server.ServerException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.springframework.stereotype.Component;

/** {@code GET /metrics}: Triton's metrics as they are, and this process's own after them. */
@Component
final class MetricsHandler implements DoorHandler {
    private static final String PLAIN = "text/plain; charset=utf-8";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final InferenceServer server;
    private final JvmText jvm;
    private final Access access;
    private final boolean anonymous;

    MetricsHandler(InferenceServer server, JvmText jvm, Access access, PureKvSettings settings) {
        this.server = server;
        this.jvm = jvm;
        this.access = access;
        this.anonymous = settings.metrics().anonymous();
    }

    @Override
    public Door door() {
        return Door.METRICS;
    }

    @Override
    public void handle(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!request.getRequestURI().equals("/metrics")) {
            answer(response, HttpServletResponse.SC_NOT_FOUND, PLAIN, "Not Found\n");
        } else if (!request.getMethod().equals("GET")) {
            response.setHeader("Allow", "GET");
            answer(response, HttpServletResponse.SC_METHOD_NOT_ALLOWED, PLAIN, "Method Not Allowed\n");
        } else {
            admitted(request, response);
        }
    }

    @Override
    public void refused(HttpServletRequest request, HttpServletResponse response) {
        // The status says it; there is no body that Prometheus would read.
    }

    @Override
    public void turnAway(HttpServletResponse response, String why) throws IOException {
        answer(response, HttpServletResponse.SC_SERVICE_UNAVAILABLE, PLAIN, why + "\n");
    }

    private void admitted(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            if (!anonymous) {
                access.admit(Scope.METADATA, request.getHeader("Authorization"));
            }
        } catch (KeyRefused e) {
            Refusal refusal = Refusal.of(e);
            refusal.headers().forEach(response::setHeader);
            answer(response, refusal.status(), PLAIN, refusal.getMessage() + "\n");
            return;
        }
        metrics(response);
    }

    private void metrics(HttpServletResponse response) throws IOException {
        String text;
        try {
            text = server.metrics() + jvm.scrape();
        } catch (ServerException e) {
            answer(response, HttpServletResponse.SC_SERVICE_UNAVAILABLE, PLAIN, e.getMessage() + "\n");
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
