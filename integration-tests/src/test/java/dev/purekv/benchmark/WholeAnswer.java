package dev.purekv.benchmark;

import dev.purekv.ServingException;
import dev.purekv.engine.AnswerMetrics;
import dev.purekv.engine.AnswerSink;
import dev.purekv.engine.Finish;
import dev.purekv.engine.Piece;
import java.util.concurrent.CompletableFuture;

/** Waits for the end of one answer. */
final class WholeAnswer implements AnswerSink {
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    /** @throws java.util.concurrent.CompletionException when it failed */
    void await() {
        end.join();
    }

    @Override
    public boolean cancelled() {
        return false;
    }

    @Override
    public void started(int promptTokens) {}

    @Override
    public void piece(Piece piece) {}

    @Override
    public void finished(Piece last, Finish reason, AnswerMetrics metrics) {
        end.complete(null);
    }

    @Override
    public void failed(ServingException problem) {
        end.completeExceptionally(problem);
    }
}
