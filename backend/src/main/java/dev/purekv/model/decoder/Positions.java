package dev.purekv.model.decoder;

import dev.purekv.model.layer.RotaryTable;

/** Where the rotary embedding of a family puts tokens. Tables live in the caller's scope. */
public interface Positions {
    /**
     * The tokens of a prompt.
     *
     * @param delta next free position less the number of tokens: generated token s has position s + delta
     */
    record OfPrompt(RotaryTable table, int delta) {}

    OfPrompt of(PromptLayout prompt);

    /** The table of text tokens at these positions. */
    RotaryTable of(int... positions);
}
