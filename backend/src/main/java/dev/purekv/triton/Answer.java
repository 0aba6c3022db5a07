package dev.purekv.triton;

import dev.purekv.engine.Finish;
import dev.purekv.engine.TokenLogprob;
import java.util.List;

/**
 * The content of one response.
 *
 * @param reason null while more comes
 * @param outputTokens generated since the response before
 */
record Answer(String text, Finish reason, int inputTokens, int outputTokens, List<TokenLogprob> logprobs) {
    Answer {
        logprobs = List.copyOf(logprobs);
    }
}
