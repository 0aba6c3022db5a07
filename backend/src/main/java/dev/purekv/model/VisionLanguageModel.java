package dev.purekv.model;

import dev.purekv.settings.KvSettings;

/** A model whose weights are loaded. Its weights are read-only; what changes lives in {@link Sequence}. */
public interface VisionLanguageModel extends AutoCloseable {
    /** Longest sequence, prompt and answer together, that positions and settings allow. */
    int maxTokens();

    /** L, the layers of the decoder, each with a cache. */
    int layers();

    /** V, the width of the logits. */
    int vocabulary();

    /**
     * Starts a sequence.
     *
     * @param maxNewTokens room for this many generated tokens
     * @param kv what is kept of the prompt's keys and values
     * @throws dev.purekv.ServingException INVALID_REQUEST when prompt and answer are too long, or a layer that {@code kv}
     *     names is not in this model
     */
    Sequence begin(ModelPrompt prompt, int maxNewTokens, KvSettings kv);

    /** Starts a sequence that keeps everything. */
    default Sequence begin(ModelPrompt prompt, int maxNewTokens) {
        return begin(prompt, maxNewTokens, KvSettings.DEFAULT);
    }

    /** Bytes of weights that this process holds, mapped ones included. */
    long weightBytes();

    @Override
    void close();
}
