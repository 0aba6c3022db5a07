package dev.purekv.engine;

import dev.purekv.ServingException;
import java.util.List;

/**
 * How tokens are chosen and when to stop; names and meanings as in vLLM's SamplingParams.
 *
 * @param temperature 0 takes the likeliest token
 * @param topK 0 for no limit
 * @param seed null for a fresh one each time
 * @param stop texts that end an answer; they are not part of it
 * @param logprobs how many alternatives to report a token; null for none at all
 * @param maxSeconds from the request's arrival: an answer ends there, and one that has not begun is refused; null for no limit
 */
public record Sampling(
        int maxTokens,
        int minTokens,
        double temperature,
        double topP,
        int topK,
        double minP,
        Long seed,
        double repetitionPenalty,
        double frequencyPenalty,
        double presencePenalty,
        List<String> stop,
        boolean ignoreEos,
        boolean skipSpecialTokens,
        Integer logprobs,
        Double maxSeconds) {
    /** More alternatives than this are refused: each costs a line of JSON a token. */
    static final int MAX_LOGPROBS = 20;

    public Sampling {
        stop = List.copyOf(stop);
        require(maxTokens >= 1, "max_tokens", maxTokens, "at least 1");
        require(minTokens >= 0 && minTokens <= maxTokens, "min_tokens", minTokens, "between 0 and max_tokens");
        require(temperature >= 0 && temperature <= 100, "temperature", temperature, "between 0 (greedy) and 100");
        require(topP > 0 && topP <= 1, "top_p", topP, "above 0 and at most 1");
        require(topK >= 0, "top_k", topK, "0 or -1 (no limit), or a count");
        require(minP >= 0 && minP <= 1, "min_p", minP, "between 0 and 1");
        require(
                repetitionPenalty > 0 && repetitionPenalty <= 10,
                "repetition_penalty",
                repetitionPenalty,
                "above 0 and at most 10");
        require(Math.abs(frequencyPenalty) <= 2, "frequency_penalty", frequencyPenalty, "between -2 and 2");
        require(Math.abs(presencePenalty) <= 2, "presence_penalty", presencePenalty, "between -2 and 2");
        require(stop.size() <= 16, "stop", stop.size() + " texts", "at most 16 texts");
        require(stop.stream().noneMatch(String::isEmpty), "stop", "an empty text", "texts that are not empty");
        require(
                logprobs == null || logprobs >= 0 && logprobs <= MAX_LOGPROBS,
                "logprobs",
                logprobs,
                "between 0 and " + MAX_LOGPROBS);
        require(maxSeconds == null || maxSeconds > 0, "max_seconds", maxSeconds, "above 0");
    }

    private static void require(boolean holds, String name, Object got, String expected) {
        if (!holds) {
            throw ServingException.invalid("parameter '%s' must be %s, got %s", name, expected, got);
        }
    }
}
