package dev.purekv.model.decoder;

import dev.purekv.model.VisualInput;
import dev.purekv.model.VisualSpan;

/** How images and videos stand in the prompts of a family. */
public interface VisualTokens {
    /** V, below which the ids of text lie. */
    int vocabulary();

    /** The id that stands for each token of such an image or video; not one of text, and it may lie outside the vocabulary. */
    int placeholder(VisualInput.Kind kind);

    /** The tokens of an image or video that begins at {@code start}. */
    VisualSpan span(VisualInput visual, int start);
}
