package dev.purekv.triton;

import dev.purekv.ServingException;
import dev.purekv.engine.AnswerMetrics;
import dev.purekv.engine.AnswerSink;
import dev.purekv.engine.Finish;
import dev.purekv.engine.Piece;
import dev.purekv.engine.TokenLogprob;
import dev.purekv.server.ServerException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request of Triton's, from execution to its final response. Owns the request and a response factory: on every path it
 * reports statistics, sends one final response, releases the request and deletes the factory, in this order, once.
 *
 * <p>The request is held until the end so that Triton's own durations mean the whole generation.
 */
final class Call implements AnswerSink {
    private static final Logger LOG = LoggerFactory.getLogger(Call.class);

    private final long instance;
    private final long request;
    private final long factory;
    private final long executeStart = System.nanoTime();
    private final StringBuilder text = new StringBuilder();
    private final List<TokenLogprob> logprobs = new ArrayList<>();
    private AnswerForm form = AnswerForm.PLAIN;
    private long computeStart = executeStart;
    private int inputTokens;
    private int pendingTokens;
    private boolean firstSent;
    private boolean ended;

    private Call(long instance, long request, long factory) {
        this.instance = instance;
        this.request = request;
        this.factory = factory;
    }

    /** @return empty when Triton gives no factory: the request is then released, which tells the client */
    static Optional<Call> open(long instance, long request) {
        try {
            return Optional.of(new Call(instance, request, BackendApi.factoryNew(request)));
        } catch (ServerException e) {
            LOG.error("a request cannot be answered", e);
            BackendApi.requestRelease(request);
            return Optional.empty();
        }
    }

    long request() {
        return request;
    }

    void answerAs(AnswerForm wanted) {
        form = wanted;
        text.append(wanted.prefix());
    }

    @Override
    public boolean cancelled() {
        return BackendApi.factoryCancelled(factory);
    }

    @Override
    public void started(int promptTokens) {
        computeStart = System.nanoTime();
        inputTokens = promptTokens;
    }

    @Override
    public void piece(Piece piece) {
        collect(piece);
        // Characters that are not whole yet wait for the next piece: no response without text.
        if (form.stream() && !text.isEmpty()) {
            send(null, null, 0);
        }
    }

    @Override
    public void finished(Piece last, Finish reason, AnswerMetrics metrics) {
        collect(last);
        end(() -> send(reason, metrics, BackendApi.FINAL), true);
    }

    @Override
    public void failed(ServingException problem) {
        int code = Statuses.of(problem.code()).ordinal();
        end(
                () -> {
                    long now = System.nanoTime();
                    attempt(() -> BackendApi.reportResponse(instance, factory, computeStart, now, now, code));
                    BackendApi.responseSendError(
                            BackendApi.responseNew(factory),
                            BackendApi.FINAL,
                            code,
                            BackendApi.utf8(problem.getMessage()));
                },
                false);
    }

    private void collect(Piece piece) {
        text.append(piece.text());
        logprobs.addAll(piece.logprobs());
        pendingTokens += piece.tokens();
    }

    private void send(Finish reason, AnswerMetrics metrics, int flags) {
        long start = System.nanoTime();
        ResponseWriter.write(
                factory,
                flags,
                new Answer(text.toString(), reason, inputTokens, pendingTokens, logprobs, metrics),
                form);
        text.setLength(0);
        logprobs.clear();
        pendingTokens = 0;
        // The statistics keep an entry for each response index for ever: the first and the last say enough.
        if (!firstSent || flags == BackendApi.FINAL) {
            BackendApi.reportResponse(instance, factory, computeStart, start, System.nanoTime(), -1);
        }
        firstSent = true;
    }

    private void end(Runnable last, boolean success) {
        if (ended) {
            return;
        }
        ended = true;
        long now = System.nanoTime();
        long[] times = {executeStart, computeStart, now, now};
        // Before the last response: whoever has heard it finds itself counted.
        attempt(() -> BackendApi.reportRequest(instance, request, success, times));
        if (success) {
            attempt(() -> BackendApi.reportBatch(instance, 1, times));
        }
        if (!attempt(last)) {
            attempt(() -> BackendApi.factorySendFlags(factory, BackendApi.FINAL));
        }
        attempt(() -> BackendApi.requestRelease(request));
        attempt(() -> BackendApi.factoryDelete(factory));
    }

    private static boolean attempt(Runnable step) {
        try {
            step.run();
            return true;
        } catch (ServerException e) {
            LOG.error("Triton refused a step of ending a request: {}", e.getMessage());
            return false;
        } catch (RuntimeException | OutOfMemoryError e) {
            // The steps after this one must come: a request that nobody releases keeps its client and its model for
            // ever.
            LOG.error("a step of ending a request failed", e);
            return false;
        }
    }
}
