package dev.purekv.triton;

import dev.purekv.engine.AnswerMetrics;
import dev.purekv.engine.Finish;
import dev.purekv.engine.TokenLogprob;
import java.util.List;

/**
 * The content of one response.
 *
 * @param reason null while more comes
 * @param outputTokens generated since the response before
 * @param metrics null while more comes
 */
record Answer(
        String text,
        Finish reason,
        int inputTokens,
        int outputTokens,
        List<TokenLogprob> logprobs,
        AnswerMetrics metrics) {
    Answer {
        logprobs = List.copyOf(logprobs);
    }
}
