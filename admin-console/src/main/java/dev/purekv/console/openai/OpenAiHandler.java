package dev.purekv.console.openai;

import dev.purekv.console.doors.Door;
import dev.purekv.console.doors.DoorHandler;
import dev.purekv.console.exchange.AnswerStatus;
import dev.purekv.console.exchange.ChunkStream;
import dev.purekv.console.exchange.Refusal;
import dev.purekv.console.exchange.RequestBody;
import dev.purekv.console.exchange.RequestJson;
import dev.purekv.console.exchange.RequestLimits;
import dev.purekv.console.keys.Access;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Takes requests below {@code /v1} and hands them to what answers them. */
@Component
final class OpenAiHandler implements DoorHandler {
    private final LanguageModels models;
    private final Completions completions;
    private final Access access;
    private final RequestLimits limits;
    private final JsonMapper json;

    OpenAiHandler(
            LanguageModels models, Completions completions, Access access, RequestLimits limits, RequestJson json) {
        this.models = models;
        this.completions = completions;
        this.access = access;
        this.limits = limits;
        this.json = json.mapper();
    }

    @Override
    public Door door() {
        return Door.KSERVE;
    }

    @Override
    public String root() {
        return "/v1";
    }

    @Override
    public void handle(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            Route route = Route.of(request.getRequestURI());
            if (!request.getMethod().equals(route.kind().method())) {
                throw ApiError.wrongMethod(route.kind().method());
            }
            access.admit(route.kind().scope(), request.getHeader("Authorization"));
            switch (route.kind()) {
                case MODELS -> answer(response, models.list());
                case MODEL -> answer(response, models.one(route.model()));
                default -> takeBody(route.kind(), request);
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            refuse(response, ApiError.of(e));
        }
    }

    @Override
    public void refused(HttpServletRequest request, HttpServletResponse response) throws IOException {
        int status = (Integer) request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        HttpStatus known = HttpStatus.resolve(status);
        refuse(response, ApiError.of(new Refusal(status, known == null ? "Error" : known.getReasonPhrase())));
    }

    @Override
    public void turnAway(HttpServletResponse response, String why) throws IOException {
        refuse(response, ApiError.of(new Refusal(HttpServletResponse.SC_SERVICE_UNAVAILABLE, why)));
    }

    private void takeBody(Route.Kind kind, HttpServletRequest request) throws IOException {
        if (request.getContentLengthLong() > limits.maxRequestBytes()) {
            throw limits.tooLarge();
        }
        String coding = request.getHeader("Content-Encoding");
        if (coding != null && !coding.equalsIgnoreCase("identity")) {
            throw new Refusal(415, "Unsupported content-encoding '" + coding + "': send the body as it is");
        }
        AsyncContext async = request.startAsync();
        RequestBody.read(async, limits, (body, refused) -> begin(kind, body, refused, async));
    }

    private void begin(Route.Kind kind, ChunkStream body, Refusal refused, AsyncContext async) {
        try {
            if (refused != null) {
                throw refused;
            }
            completions.begin(kind, body, async);
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            finish(async, ApiError.of(e));
        }
    }

    private void answer(HttpServletResponse response, ObjectNode body) throws IOException {
        send(response, 200, json.writeValueAsBytes(body));
    }

    private static void refuse(HttpServletResponse response, ApiError error) throws IOException {
        error.headers().forEach(response::setHeader);
        send(response, error.status(), error.json());
    }

    private static void send(HttpServletResponse response, int status, byte[] body) throws IOException {
        AnswerStatus.set(response, status);
        response.setContentType(WholeReply.JSON_TYPE);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    /** Ends a request whose body was taken. */
    static void finish(AsyncContext async, ApiError error) {
        try {
            refuse((HttpServletResponse) async.getResponse(), error);
        } catch (IOException e) {
            // The client is gone; there is nobody to tell.
        } finally {
            async.complete();
        }
    }
}
