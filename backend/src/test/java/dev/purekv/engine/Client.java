package dev.purekv.engine;

import dev.purekv.ServingException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Somebody who asks, and notes everything that comes back. */
final class Client implements AnswerSink {
    /**
     * How it ended.
     *
     * @param reason null after a failure
     * @param problem null after an answer
     */
    record End(String text, Finish reason, ServingException problem) {}

    final CompletableFuture<End> end = new CompletableFuture<>();
    final AtomicInteger ends = new AtomicInteger();
    final CompletableFuture<Void> begun = new CompletableFuture<>();
    final AtomicInteger pieces = new AtomicInteger();
    volatile boolean gone;
    private final StringBuilder text = new StringBuilder();

    static GenerationRequest request(int promptTokens, int maxTokens) {
        return request(promptTokens, Map.of("max_tokens", maxTokens));
    }

    static GenerationRequest request(int promptTokens, Map<String, Object> sampling) {
        return new GenerationRequest(
                (encoder, cancelled) -> FakeModel.prompt(promptTokens), sampling, Map.of(), System.nanoTime(), 0);
    }

    /** Asks, and hears a refusal as it hears any other end. */
    static Client ask(Engine engine, GenerationRequest request) {
        Client client = new Client();
        try {
            engine.submit(request, client);
        } catch (ServingException e) {
            client.failed(e);
        }
        return client;
    }

    End await() throws InterruptedException, ExecutionException, TimeoutException {
        return end.get(20, TimeUnit.SECONDS);
    }

    @Override
    public boolean cancelled() {
        return gone;
    }

    @Override
    public void started(int promptTokens) {}

    @Override
    public void piece(Piece piece) {
        text.append(piece.text());
        pieces.addAndGet(piece.tokens());
        begun.complete(null);
    }

    @Override
    public void finished(Piece last, Finish reason, AnswerMetrics metrics) {
        ends.incrementAndGet();
        end.complete(new End(text + last.text(), reason, null));
    }

    @Override
    public void failed(ServingException problem) {
        ends.incrementAndGet();
        end.complete(new End(text.toString(), null, problem));
    }
}
