package dev.purekv.console.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.evaluation.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With real processes, the demonstration model and its questions. */
class EvaluationRunsTest {
    private static final Path MODEL = Path.of("../model-repository/moving-digits");

    private static final EvaluationRuns.Sources SOURCES = new EvaluationRuns.Sources() {
        @Override
        public Path checkpoint(String model) {
            return MODEL.resolve(model);
        }

        @Override
        public Path questions(String set) {
            return MODEL.resolve("evaluation/questions.jsonl");
        }
    };

    @TempDir
    Path folder;

    private static EvaluationPlan plan(String version, List<Double> ratios, int questions) {
        return new EvaluationPlan(
                version, "q", List.of("purekv"), ratios, List.of("dense"), null, List.of("2"), questions, 3);
    }

    private static EvaluationRun await(EvaluationRuns runs, String id, Predicate<EvaluationRun> wanted)
            throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(120).toNanos();
        EvaluationRun run = runs.get(id);
        while (!wanted.test(run) && System.nanoTime() < end) {
            Thread.sleep(50);
            run = runs.get(id);
        }
        assertThat(run).matches(wanted);
        return run;
    }

    @Test
    void aRunThatWasCancelledAndOneThatAStopCutOffGoOnAndEndWithResults() throws Exception {
        String id;
        try (EvaluationRuns runs = new EvaluationRuns(folder, SOURCES)) {
            id = runs.start(plan("1", List.of(2.0, 5.0, 8.0), 4), "ada").id();
            await(runs, id, run -> run.percent() > 0);
            runs.cancel(id);
            assertThat(runs.get(id).state()).isEqualTo(RunState.CANCELLED);
            assertThatThrownBy(() -> runs.cancel(id)).isInstanceOf(EvaluationException.class);
            runs.resume(id);
            await(runs, id, run -> run.state() == RunState.RUNNING);
        }
        try (EvaluationRuns runs = new EvaluationRuns(folder, SOURCES)) {
            EvaluationRun done = await(runs, id, run -> !run.state().isOpen());
            assertThat(done.problem()).isEmpty();
            assertThat(done.state()).isEqualTo(RunState.DONE);
            assertThat(done.startedBy()).isEqualTo("ada");
            assertThat(done.results()).hasSize(1 + 2 * 3);
            Result full = done.results().get(0);
            assertThat(full.method()).isEqualTo("full");
            assertThat(full.questions()).isEqualTo(4);
            assertThat(runs.file(id, "results.csv")).isNotEmptyFile();
            assertThat(runs.all()).extracting(EvaluationRun::id).containsExactly(id);
        }
    }

    @Test
    void theLatestComesFirstAlthoughTheClockWentBack() throws Exception {
        String id;
        try (EvaluationRuns runs = new EvaluationRuns(folder, SOURCES)) {
            id = runs.start(plan("1", List.of(2.0), 1), "ada").id();
            runs.cancel(id);
        }
        Files.move(folder.resolve(id), folder.resolve("29991231-235959-999"));
        try (EvaluationRuns runs = new EvaluationRuns(folder, SOURCES)) {
            String later = runs.start(plan("1", List.of(2.0), 1), "ada").id();
            String last = runs.start(plan("1", List.of(2.0), 1), "ada").id();
            assertThat(runs.all()).extracting(EvaluationRun::id).containsExactly(last, later, "29991231-235959-999");
            assertThat(runs.get(later).created()).isBefore(Instant.now());
        }
    }

    @Test
    void aRunThatCannotBeDoneFailsWithItsReason() throws Exception {
        try (EvaluationRuns runs = new EvaluationRuns(folder, SOURCES)) {
            String id = runs.start(plan("none", List.of(2.0), 1), "ada").id();
            EvaluationRun failed = await(runs, id, run -> !run.state().isOpen());
            assertThat(failed.state()).isEqualTo(RunState.FAILED);
            assertThat(failed.problem()).contains("none");
        }
    }

    @Test
    void whatOnlyTheFamilyKnowsGoesAlong() throws Exception {
        EvaluationRuns.Sources sources = new EvaluationRuns.Sources() {
            @Override
            public Path checkpoint(String model) {
                return SOURCES.checkpoint(model);
            }

            @Override
            public Path questions(String set) {
                return SOURCES.questions(set);
            }

            @Override
            public Map<String, String> familySettings(String model) {
                return Map.of("videollama2.code", "v1.0");
            }
        };
        try (EvaluationRuns runs = new EvaluationRuns(folder, sources)) {
            String id = runs.start(plan("1", List.of(2.0), 1), "ada").id();
            EvaluationRun refused = await(runs, id, run -> !run.state().isOpen());
            assertThat(refused.problem()).contains("videollama2.code");
        }
    }

    @Test
    void filesThatCannotBeReadHoldRunsUpUntilTheyCan() throws Exception {
        try (EvaluationRuns runs = new EvaluationRuns(folder, SOURCES)) {
            Path unreadable = Files.createDirectories(folder.resolve("20260101-000000-000/state.txt"));
            String id = runs.start(plan("none", List.of(2.0), 1), "ada").id();
            Thread.sleep(500); // the worker has met it
            Files.delete(unreadable);
            assertThat(await(runs, id, run -> !run.state().isOpen()).state()).isEqualTo(RunState.FAILED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "../x", "20260101-000000-000", "", "a/b"})
    void anIdThatIsNoneLeadsNowhere(String id) {
        try (EvaluationRuns runs = new EvaluationRuns(folder, SOURCES)) {
            assertThatThrownBy(() -> runs.get(id)).isInstanceOf(EvaluationException.class);
            assertThatThrownBy(() -> runs.cancel(id)).isInstanceOf(EvaluationException.class);
            assertThatThrownBy(() -> runs.file(id, "results.csv")).isInstanceOf(EvaluationException.class);
            assertThatThrownBy(() -> runs.file(id, "../state.txt")).isInstanceOf(EvaluationException.class);
        }
    }

    @Test
    void aPlanThatMakesNoSenseIsRefusedInWords() {
        assertThatThrownBy(() -> plan("1", List.of(), 1)).hasMessageContaining("ratios");
        assertThatThrownBy(() -> plan("1", List.of(0.5), 1)).hasMessageContaining("0.5");
        assertThatThrownBy(() -> plan("1", List.of(2.0), 0)).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> new EvaluationPlan(
                        "1", "q", List.of("rm"), List.of(2.0), List.of("dense"), null, List.of(), null, 0))
                .hasMessageContaining("snapkv");
        assertThatThrownBy(() -> new EvaluationPlan(
                        "1", "q", List.of("purekv"), List.of(2.0), List.of("dense"), null, List.of("--x"), null, 0))
                .hasMessageContaining("'--x'");
    }
}
