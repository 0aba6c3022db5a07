package dev.purekv.triton;

import dev.purekv.ServingException;
import dev.purekv.compression.KeptTokens;
import dev.purekv.compression.PrefillWitness;
import dev.purekv.engine.AnswerMetrics;
import dev.purekv.engine.AnswerSink;
import dev.purekv.engine.Finish;
import dev.purekv.engine.Piece;
import dev.purekv.engine.TokenLogprob;
import java.util.ArrayList;
import java.util.List;

/** The answer to one request, from the engine's pieces to Triton's responses. */
final class Call implements AnswerSink {
    private final RequestHandle handle;
    private final AnswerForm form;
    private final StringBuilder text = new StringBuilder();
    private final List<TokenLogprob> logprobs = new ArrayList<>();
    private final KeptTokens kept = new KeptTokens();
    private int inputTokens;
    private int pendingTokens;
    private boolean firstSent;

    Call(RequestHandle handle, AnswerForm form) {
        this.handle = handle;
        this.form = form;
        text.append(form.prefix());
    }

    @Override
    public boolean cancelled() {
        return handle.cancelled();
    }

    @Override
    public void started(int promptTokens) {
        handle.computing();
        inputTokens = promptTokens;
    }

    @Override
    public PrefillWitness witness() {
        return form.keptTokens() ? kept : PrefillWitness.NONE;
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
        handle.succeed(() -> send(reason, metrics, BackendApi.FINAL));
    }

    @Override
    public void failed(ServingException problem) {
        handle.fail(problem);
    }

    private void collect(Piece piece) {
        text.append(piece.text());
        logprobs.addAll(piece.logprobs());
        pendingTokens += piece.tokens();
    }

    private void send(Finish reason, AnswerMetrics metrics, int flags) {
        long start = System.nanoTime();
        String told = form.keptTokens() && metrics != null ? KeptTokensJson.write(kept, metrics.prefill()) : null;
        ResponseWriter.write(
                handle.factory(),
                flags,
                new Answer(text.toString(), reason, inputTokens, pendingTokens, logprobs, metrics, told),
                form);
        text.setLength(0);
        logprobs.clear();
        pendingTokens = 0;
        // The statistics keep an entry for each response index for ever: the first and the last say enough.
        if (!firstSent || flags == BackendApi.FINAL) {
            handle.responded(start);
        }
        firstSent = true;
    }
}
