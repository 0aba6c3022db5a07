package dev.purekv.text;

/** Text of generated tokens, given out in whole characters. One per answer; not for several threads. */
public interface TokenDecoder {
    /**
     * Adds one token.
     *
     * @return the text that is complete now; empty while a character still lacks bytes
     */
    String push(int token);

    /** What is left at the end, an unfinished character as U+FFFD. */
    String finish();
}
