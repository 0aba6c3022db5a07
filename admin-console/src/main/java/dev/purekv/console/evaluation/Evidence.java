package dev.purekv.console.evaluation;

import dev.purekv.evaluation.Result;
import dev.purekv.settings.KvSettings;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** What the evaluations of this console know about a setting before anybody applies it. */
@Component
public final class Evidence {
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm").withZone(ZoneOffset.UTC);

    private final EvaluationRuns runs;

    Evidence(EvaluationRuns runs) {
        this.runs = runs;
    }

    /**
     * @param wanted resolved for the model
     * @param layers of the model
     * @return what the newest evaluation of exactly these settings found, in a sentence; empty where none covers them
     */
    public Optional<String> about(String model, KvSettings wanted, int layers) {
        return runs.all().stream()
                .filter(run ->
                        run.state() == RunState.DONE && run.plan().model().equals(model))
                .flatMap(run -> run.results().stream()
                        .filter(result -> covers(result, wanted, layers))
                        .map(result -> words(run, result)))
                .findFirst();
    }

    private static boolean covers(Result result, KvSettings wanted, int layers) {
        return KvSettings.read(result.settings(), KvSettings.DEFAULT)
                .resolved(layers)
                .equals(wanted);
    }

    private static String words(EvaluationRun run, Result result) {
        double full = run.results().get(0).accuracy();
        String followUp = result.followUpAgreement() == null
                ? ""
                : String.format(
                        Locale.ROOT,
                        ", %.1f percent of second questions answered as with the full cache",
                        100 * result.followUpAgreement());
        return String.format(
                Locale.ROOT,
                "The evaluation of %s UTC covers these settings: %.3f of %d questions right, %.3f with the full cache%s.",
                DAY.format(run.created()),
                result.accuracy(),
                result.questions(),
                full,
                followUp);
    }
}
