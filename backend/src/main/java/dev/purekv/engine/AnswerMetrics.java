package dev.purekv.engine;

import dev.purekv.model.PrefillReport;

/**
 * What an answer cost.
 *
 * @param decodeTokensPerSecond of the tokens after the first, which comes from prefill; 0 when there were none
 */
public record AnswerMetrics(PrefillReport prefill, double decodeTokensPerSecond) {}
