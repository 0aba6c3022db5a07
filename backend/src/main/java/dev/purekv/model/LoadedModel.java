package dev.purekv.model;

import dev.purekv.text.TokenDecoder;
import java.util.function.Function;

/**
 * A checkpoint under settings: everything that serving needs of it.
 *
 * @param decoder makes a decoder for one answer; its argument says whether special tokens are left out
 * @param release what closing does
 */
public record LoadedModel(
        VisionLanguageModel model,
        PromptEncoder encoder,
        Function<Boolean, TokenDecoder> decoder,
        GenerationDefaults defaults,
        Runnable release)
        implements AutoCloseable {
    /** A model that owns its parts. */
    public LoadedModel(
            VisionLanguageModel model,
            PromptEncoder encoder,
            Function<Boolean, TokenDecoder> decoder,
            GenerationDefaults defaults) {
        this(model, encoder, decoder, defaults, () -> {
            model.close();
            encoder.close();
        });
    }

    LoadedModel releasedBy(Runnable other) {
        return new LoadedModel(model, encoder, decoder, defaults, other);
    }

    @Override
    public void close() {
        release.run();
    }
}
