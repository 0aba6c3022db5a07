package dev.purekv.engine;

import dev.purekv.ServingException;
import dev.purekv.compression.PrefillWitness;
import dev.purekv.settings.KvSettings;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request from its submission to its end, which comes exactly once. It has one owner at a time: the thread that submits it, that
 * prepares it, or the engine's. Only the owner may ask or end it, because a sink that has heard its end is gone.
 */
final class Ticket {
    private static final Logger LOG = LoggerFactory.getLogger(Ticket.class);

    private final GenerationRequest request;
    private final Sampling sampling;
    private final KvSettings kv;
    private final AnswerSink sink;
    private final TimeLimit limit;
    private final Timeline timeline;
    private final BooleanSupplier stopping;
    private final OpenRequests open;
    private final long number;
    private volatile boolean revoked;
    private volatile int promptTokens;
    private volatile long cacheBytes;
    private boolean ended;

    /**
     * @param settings of the cache
     * @param open where it is listed from now on until its end
     * @param stopping whether the engine accepts nothing new any more
     */
    Ticket(
            GenerationRequest request,
            Settings settings,
            AnswerSink sink,
            Meters meters,
            OpenRequests open,
            BooleanSupplier stopping) {
        this.number = open.nextNumber();
        this.open = open;
        this.request = request;
        this.sampling = settings.sampling();
        this.kv = settings.kv();
        this.sink = sink;
        this.limit = TimeLimit.of(request.arrived(), request.timeoutMicros(), sampling.maxSeconds());
        this.timeline = new Timeline(meters, request.arrived());
        this.stopping = stopping;
        open.add(this);
    }

    /** How a request wants its answer. */
    record Settings(Sampling sampling, KvSettings kv) {}

    long number() {
        return number;
    }

    /** Any thread may ask. */
    OpenRequest progress() {
        return new OpenRequest(
                number,
                timeline.stage(),
                (System.nanoTime() - request.arrived()) / 1e9,
                promptTokens,
                timeline.tokens(),
                cacheBytes);
    }

    /** Any thread may take it back; its owner ends it within a step. */
    void revoke() {
        revoked = true;
    }

    void prepared(int tokens) {
        promptTokens = tokens;
    }

    void holds(long bytes) {
        cacheBytes = bytes;
    }

    GenerationRequest request() {
        return request;
    }

    Sampling sampling() {
        return sampling;
    }

    KvSettings kv() {
        return kv;
    }

    Timeline timeline() {
        return timeline;
    }

    /** Whether its time is over. */
    boolean late() {
        return limit.passed(System.nanoTime());
    }

    /** Whether nobody waits for it any more, or not for so long. */
    boolean unwanted() {
        try {
            return late() || revoked || sink.cancelled();
        } catch (RuntimeException e) {
            return true; // asked again, it says why
        }
    }

    /** @throws ServingException CANCELLED when its client is gone, OUT_OF_CAPACITY when its time is over */
    void requireWanted() {
        requireClient();
        if (late()) {
            throw ServingException.outOfCapacity(
                    "the time of the request (%.3f s by 'timeout' or 'max_seconds') was over before its first token: "
                            + "retry in a moment, or give it more",
                    limit.seconds());
        }
    }

    /** @throws ServingException CANCELLED when its client is gone */
    void requireClient() {
        if (revoked) {
            throw ServingException.cancelled("an operator of the server cancelled the request: %s", timeline.place());
        }
        if (!sink.cancelled()) {
            return;
        }
        if (stopping.getAsBoolean()) {
            // Whoever stops the server cancels what takes too long; to its client it is the server that went away.
            throw Failures.stopping();
        }
        throw ServingException.cancelled("the request was cancelled: %s", timeline.place());
    }

    /** What wants to see the prefill. */
    PrefillWitness witness() {
        return sink.witness();
    }

    void started(int promptTokens) {
        sink.started(promptTokens);
    }

    void piece(Piece piece) {
        sink.piece(piece);
    }

    void finish(Piece last, Finish reason, AnswerMetrics metrics) {
        if (end()) {
            timeline.finished(metrics.prefill().promptTokens());
            sink.finished(last, reason, metrics);
        }
    }

    /** Ends it with a problem. Nothing leaves: this is called where another failure is handled. */
    void fail(Throwable problem, String doing) {
        ServingException told = Failures.translate(problem, doing);
        if (!end()) {
            return;
        }
        if (told.code() == ServingException.Code.CANCELLED) {
            timeline.cancelled();
        }
        try {
            sink.failed(told);
        } catch (Throwable e) {
            LOG.error("a request cannot be told that it failed", e);
        }
    }

    private boolean end() {
        if (ended) {
            LOG.debug("a request ended already");
            return false;
        }
        ended = true;
        open.remove(this);
        return true;
    }
}
