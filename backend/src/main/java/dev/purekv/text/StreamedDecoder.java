package dev.purekv.text;

import java.util.Arrays;

/**
 * Decodes an answer token by token. Characters may span tokens, and some tokenizers treat the first token of a text
 * apart, so each new token is decoded together with those before it, back to the last place where a character ended.
 */
final class StreamedDecoder implements TokenDecoder {
    private static final char UNFINISHED = '\uFFFD';

    private final Tokenizer tokenizer;
    private final boolean skipControlTokens;
    private long[] window = new long[16];
    private int windowTokens;
    /** Leading tokens of the window whose text was given out; they are only context. */
    private int contextTokens;
    /** How much of the window's text was given out. */
    private int given;

    StreamedDecoder(Tokenizer tokenizer, boolean skipControlTokens) {
        this.tokenizer = tokenizer;
        this.skipControlTokens = skipControlTokens;
    }

    @Override
    public String push(int token) {
        if (windowTokens == window.length) {
            window = Arrays.copyOf(window, 2 * window.length);
        }
        window[windowTokens++] = token;
        String text = text(0);
        // The last replacement character may yet become a character; any earlier one stays what it is.
        boolean whole = text.isEmpty() || text.charAt(text.length() - 1) != UNFINISHED;
        int end = whole ? text.length() : text.length() - 1;
        String piece = text.substring(Math.min(given, end), end);
        given = Math.max(given, end);
        if (whole && !piece.isEmpty()) {
            startAfterContext();
        }
        return piece;
    }

    /** Keeps the tokens of the last piece as context for the next. */
    private void startAfterContext() {
        System.arraycopy(window, contextTokens, window, 0, windowTokens - contextTokens);
        windowTokens -= contextTokens;
        contextTokens = windowTokens;
        given = text(0).length();
    }

    private String text(int from) {
        return tokenizer.decode(Arrays.copyOfRange(window, from, windowTokens), skipControlTokens);
    }

    @Override
    public String finish() {
        String text = text(0);
        String rest = text.substring(Math.min(given, text.length()));
        given = text.length();
        return rest;
    }
}
