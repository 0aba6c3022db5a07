package dev.purekv.model;

import dev.purekv.text.TokenDecoder;
import java.util.function.Function;

/**
 * A checkpoint, opened: everything that serving needs of it.
 *
 * @param decoder makes a decoder for one answer; its argument says whether special tokens are left out
 */
public record LoadedModel(
        VisionLanguageModel model,
        PromptEncoder encoder,
        Function<Boolean, TokenDecoder> decoder,
        GenerationDefaults defaults)
        implements AutoCloseable {
    @Override
    public void close() {
        model.close();
        encoder.close();
    }
}
