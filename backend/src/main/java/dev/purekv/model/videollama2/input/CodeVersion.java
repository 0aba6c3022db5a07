package dev.purekv.model.videollama2.input;

/**
 * Which version of the original code is followed. They differ in how a prompt is written and tokenised, in a frame or two, and in
 * what they do with a clip of too few frames.
 */
public enum CodeVersion {
    /** From 13 August 2024 on: the checkpoint's chat template, no special token but what it prints. */
    V1_5("v1.5"),
    /** Before: a prompt in Llama 2's form with one beginning-of-text token, which the first generation was trained with. */
    V1_0("v1.0");

    private final String word;

    CodeVersion(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
