package dev.purekv.model;

import java.util.function.BooleanSupplier;
import org.bytedeco.pytorch.Tensor;

/**
 * One prompt being answered: its KV cache and its next position. Used by one thread at a time; its native memory goes
 * back when it is closed.
 */
public interface Sequence extends AutoCloseable {
    /**
     * Runs vision tower and prompt, and fills the cache.
     *
     * @param cancelled asked between vision chunks and between layers
     * @return logits (V) of the last prompt token, float32, on the CPU
     * @throws dev.purekv.ServingException CANCELLED when {@code cancelled} said so
     */
    Tensor prefill(BooleanSupplier cancelled);

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
