package dev.purekv.engine;

import java.util.List;
import java.util.function.IntFunction;

/**
 * How likely a token was, before penalties and temperature.
 *
 * @param text the token alone, U+FFFD where it is part of a character
 * @param alternatives the likeliest tokens at its place, likeliest first
 */
public record TokenLogprob(int token, String text, double logprob, List<Alternative> alternatives) {
    public TokenLogprob {
        alternatives = List.copyOf(alternatives);
    }

    /** One of the likeliest tokens at a place. */
    public record Alternative(int token, String text, double logprob) {}

    /**
     * @param logits (V)
     * @param count of alternatives
     * @param texts gives a token's text
     */
    static TokenLogprob of(int token, float[] logits, int count, IntFunction<String> texts) {
        double[] probabilities = Sampler.softmax(logits, 1);
        int[] order = count == 0 ? new int[0] : Sampler.descending(probabilities);
        List<Alternative> alternatives = new java.util.ArrayList<>();
        for (int i = 0; i < Math.min(count, order.length); i++) {
            alternatives.add(new Alternative(order[i], texts.apply(order[i]), Math.log(probabilities[order[i]])));
        }
        return new TokenLogprob(token, texts.apply(token), Math.log(probabilities[token]), alternatives);
    }
}
