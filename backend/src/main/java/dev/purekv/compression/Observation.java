package dev.purekv.compression;

/** The attention that a method needs to see. Each is observed apart from the attention that computes the layer. */
public enum Observation {
    /** None: the fastest. */
    NOTHING,
    /** Of the last tokens, at the source layers alone. */
    SOURCE_LAYERS,
    /** Of the last tokens, in every layer. */
    OWN_WINDOW,
    /** Of all tokens, in every layer: time grows with the square of the prompt. */
    OWN_PROMPT
}
