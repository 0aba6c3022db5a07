package dev.purekv.console.evaluation;

import dev.purekv.evaluation.Result;
import java.time.Instant;
import java.util.List;

/**
 * An evaluation as it stands now.
 *
 * @param id names its folder
 * @param progress what its process said last; empty before it said anything
 * @param problem why it failed; empty where it did not
 * @param results the full cache first; empty before the end
 */
public record EvaluationRun(
        String id,
        EvaluationPlan plan,
        RunState state,
        Instant created,
        String startedBy,
        String progress,
        int percent,
        String problem,
        List<Result> results) {
    public EvaluationRun {
        results = List.copyOf(results);
    }
}
