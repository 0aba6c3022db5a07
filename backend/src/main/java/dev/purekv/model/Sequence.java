package dev.purekv.model;

import dev.purekv.compression.PrefillWitness;
import org.bytedeco.pytorch.Tensor;

/**
 * One prompt being answered: its KV cache and its next position. Used by one thread at a time; its native memory goes
 * back when it is closed.
 */
public interface Sequence extends AutoCloseable {
    /**
     * Runs vision tower and prompt, and fills the cache.
     *
     * @param pause called again and again, between pieces of work that are short next to a long prompt's prefill; may decode
     *     other sequences of the same model meanwhile, and may throw to stop this one
     * @param witness told what becomes of the entries
     * @return logits (V) of the last prompt token, float32, on the CPU
     */
    Tensor prefill(Runnable pause, PrefillWitness witness);

    /** Prefills with nobody watching. */
    default Tensor prefill(Runnable pause) {
        return prefill(pause, PrefillWitness.NONE);
    }

    /**
     * Appends one token.
     *
     * @return logits (V) of what follows it, float32, on the CPU
     */
    Tensor decode(int token);

    /** Bytes that keys and values of this sequence take now, the room for its answer included. */
    long cacheBytes();

    /** @throws IllegalStateException before prefill has ended */
    PrefillReport report();

    @Override
    void close();
}
