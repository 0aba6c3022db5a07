package dev.purekv.engine;

import java.util.List;

/**
 * What one step adds to an answer.
 *
 * @param text whole characters; may be empty
 * @param tokens tokens generated since the last piece
 * @param logprobs one a token when asked for, else empty
 */
public record Piece(String text, int tokens, List<TokenLogprob> logprobs) {
    public Piece {
        logprobs = List.copyOf(logprobs);
    }
}
