package dev.purekv.model;

/** A model whose weights are loaded. Its weights are read-only; what changes lives in {@link Sequence}. */
public interface VisionLanguageModel extends AutoCloseable {
    /** Longest sequence, prompt and answer together, that positions and settings allow. */
    int maxTokens();

    /** V, the width of the logits. */
    int vocabulary();

    /**
     * Starts a sequence and reserves its cache.
     *
     * @param maxNewTokens room for this many generated tokens
     */
    Sequence begin(ModelPrompt prompt, int maxNewTokens);

    /** Bytes of weights that this process holds, mapped ones included. */
    long weightBytes();

    @Override
    void close();
}
