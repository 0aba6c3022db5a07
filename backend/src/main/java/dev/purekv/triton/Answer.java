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
 * @param keptTokens JSON; null while more comes, or unless it was asked for
 */
record Answer(
        String text,
        Finish reason,
        int inputTokens,
        int outputTokens,
        List<TokenLogprob> logprobs,
        AnswerMetrics metrics,
        String keptTokens) {
    Answer {
        logprobs = List.copyOf(logprobs);
    }
}
