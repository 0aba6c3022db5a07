package dev.purekv.engine;

import dev.purekv.ServingException;
import dev.purekv.compression.PrefillWitness;

/**
 * Where one answer goes. The engine calls {@link #started} at most once, then {@link #piece} any number of times, and exactly one of
 * {@link #finished} and {@link #failed} last. No method may wait for a client.
 */
public interface AnswerSink {
    /** Asked before each step: whether nobody waits for this answer any more. */
    boolean cancelled();

    /** The prompt is being computed. */
    void started(int promptTokens);

    /** Asked once, before prefill: who is told what becomes of the prompt's entries. */
    default PrefillWitness witness() {
        return PrefillWitness.NONE;
    }

    void piece(Piece piece);

    /** @param last what the last step added */
    void finished(Piece last, Finish reason, AnswerMetrics metrics);

    void failed(ServingException problem);
}
