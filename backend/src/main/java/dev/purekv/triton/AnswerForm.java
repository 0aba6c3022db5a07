package dev.purekv.triton;

/**
 * How a client wants its answer.
 *
 * @param stream one response a piece; else one for the whole answer
 * @param kvMetrics response parameters that say what became of the cache, with the last response
 * @param keptTokens which tokens are kept, with the last response
 * @param prefix put before the text: the prompt, unless the client left it out
 */
record AnswerForm(
        boolean stream,
        String prefix,
        boolean finishReason,
        boolean cumulativeLogprob,
        boolean logprobs,
        boolean inputTokens,
        boolean outputTokens,
        boolean kvMetrics,
        boolean keptTokens) {}
