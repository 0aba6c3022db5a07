package dev.purekv.console.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.settings.KvSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvidenceTest {
    private static final EvaluationRuns.Sources NONE = new EvaluationRuns.Sources() {
        @Override
        public Path checkpoint(String model) {
            throw new EvaluationException("none");
        }

        @Override
        public Path questions(String set) {
            throw new EvaluationException("none");
        }
    };

    @TempDir
    Path folder;

    private void run(String id, String model, String ratio, double accuracy) throws IOException {
        EvaluationPlan plan = new EvaluationPlan(
                model, "q", List.of("purekv"), List.of(5.0), List.of("dense"), null, List.of(), null, 1);
        RunFolder run = RunFolder.create(
                folder.resolve(id), new RunFolder.Head(plan, Instant.parse("2026-11-24T12:00:00Z"), "ada"));
        Files.createDirectories(run.output());
        Files.writeString(run.output().resolve("results.json"), """
                [{"method":"full","prefill":"dense","ratio":1,"settings":{"compression_ratio":"1.0"},"questions":110,"accuracy":1.0,
                  "accuracyByKind":{},"agreement":1,"attentionKept":1,"cacheBytes":1,"byteRatio":1,"firstTokenMs":1,"prefillMs":1,"tokenMs":1},
                 {"method":"purekv","prefill":"dense","ratio":5,"settings":{"kv_policy":"purekv","compression_ratio":"RATIO"},"questions":110,
                  "accuracy":ACCURACY,"accuracyByKind":{},"agreement":1,"attentionKept":1,"cacheBytes":1,"byteRatio":5,"firstTokenMs":1,
                  "prefillMs":1,"tokenMs":1,"followUpAgreement":0.99}]""".replace("RATIO", ratio)
                .replace("ACCURACY", Double.toString(accuracy)));
        run.state(RunState.DONE);
    }

    @Test
    void theNewestEvaluationOfExactlyTheseSettingsIsTold() throws IOException {
        run("20260101-000000-000", "digits", "5.0", 0.9);
        run("20260102-000000-000", "digits", "5.0", 0.964);
        run("20260103-000000-000", "other", "5.0", 0.1);
        run("20260104-000000-000", "digits", "8.0", 0.2);
        try (EvaluationRuns runs = new EvaluationRuns(folder, NONE)) {
            Evidence evidence = new Evidence(runs);
            KvSettings wanted = KvSettings.read(
                            Map.of("compression_ratio", "5", "clie_layer", "2,4"), KvSettings.DEFAULT)
                    .resolved(8);
            assertThat(evidence.about("digits", wanted, 8))
                    .hasValue(
                            "The evaluation of 2026-11-24 12:00 UTC covers these settings: 0.964 of 110 questions right, 1.000 with the"
                                    + " full cache, 99.0 percent of second questions answered as with the full cache.");
            KvSettings other = KvSettings.read(Map.of("compression_ratio", "5", "sink_tokens", "1"), KvSettings.DEFAULT)
                    .resolved(8);
            assertThat(evidence.about("digits", other, 8)).isEmpty();
        }
    }
}
