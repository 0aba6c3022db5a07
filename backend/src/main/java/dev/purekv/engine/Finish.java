package dev.purekv.engine;

import java.util.Locale;

/** Why an answer ended. */
public enum Finish {
    /** An end token or a stop text. */
    STOP,
    /** max_tokens, or the model's longest sequence. */
    LENGTH;

    /** As clients read it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
