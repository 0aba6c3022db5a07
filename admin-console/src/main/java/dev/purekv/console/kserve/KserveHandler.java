package dev.purekv.console.kserve;

import dev.purekv.console.doors.Door;
import dev.purekv.console.doors.DoorHandler;
import dev.purekv.console.exchange.ChunkStream;
import dev.purekv.console.exchange.Refusal;
import dev.purekv.console.exchange.RequestBody;
import dev.purekv.console.exchange.RequestLimits;
import dev.purekv.console.keys.Access;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** Takes requests apart and hands them to what answers them. */
@Component
final class KserveHandler implements DoorHandler {
    private final Lookup lookup;
    private final Generation generation;
    private final TensorInference inference;
    private final Control control;
    private final RequestLimits limits;
    private final Access access;

    KserveHandler(
            Lookup lookup,
            Generation generation,
            TensorInference inference,
            Control control,
            RequestLimits limits,
            Access access) {
        this.lookup = lookup;
        this.generation = generation;
        this.inference = inference;
        this.control = control;
        this.limits = limits;
        this.access = access;
    }

    @Override
    public Door door() {
        return Door.KSERVE;
    }

    @Override
    public void handle(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            Target target = Target.of(request.getRequestURI(), request.getMethod());
            if (!request.getMethod().equals(target.operation().method())) {
                response.setHeader("Allow", target.operation().allowed());
                throw Refusal.wrongMethod();
            }
            access.admit(target.operation().scope(), request.getHeader("Authorization"));
            if (target.operation().method().equals("GET")) {
                lookup.answer(target, response);
            } else {
                takeBody(target, request);
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            Replies.refuse(response, Refusal.of(e));
        }
    }

    @Override
    public void refused(HttpServletRequest request, HttpServletResponse response) throws IOException {
        int status = (Integer) request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        HttpStatus known = HttpStatus.resolve(status);
        Replies.refuse(response, new Refusal(status, known == null ? "Error" : known.getReasonPhrase()));
    }

    @Override
    public void turnAway(HttpServletResponse response, String why) throws IOException {
        Replies.refuse(response, new Refusal(HttpServletResponse.SC_SERVICE_UNAVAILABLE, why));
    }

    private void takeBody(Target target, HttpServletRequest request) throws IOException {
        if (request.getContentLengthLong() > limits.maxRequestBytes()) {
            throw limits.tooLarge();
        }
        ContentCoding coding = ContentCoding.ofRequest(request.getHeader("Content-Encoding"));
        if (coding != ContentCoding.IDENTITY && target.operation() != Operation.INFER) {
            throw Refusal.invalid("Unsupported content-encoding, only 'identity' is supported.");
        }
        AsyncContext async = request.startAsync();
        RequestBody.read(async, limits, (body, refused) -> {
            try {
                if (refused != null) {
                    throw refused;
                }
                dispatch(target, coding.decode(body, limits), async);
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
                finish(async, Refusal.of(e));
            }
        });
    }

    private void dispatch(Target target, ChunkStream body, AsyncContext async) throws IOException {
        switch (target.operation()) {
            case GENERATE -> generation.begin(target, body, async, new SingleForm());
            case GENERATE_STREAM -> generation.begin(target, body, async, new StreamForm());
            case INFER -> inference.begin(target, body, async);
            default -> control.begin(target, body, async);
        }
    }

    /** Ends a request whose body was taken. */
    static void finish(AsyncContext async, Refusal refusal) {
        try {
            Replies.refuse((HttpServletResponse) async.getResponse(), refusal);
        } catch (IOException e) {
            // The client is gone; there is nobody to tell.
        } finally {
            async.complete();
        }
    }
}
