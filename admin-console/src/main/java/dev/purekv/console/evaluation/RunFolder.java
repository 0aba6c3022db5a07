package dev.purekv.console.evaluation;

import dev.purekv.evaluation.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Everything that is known of one run, in files: what the process writes, its plan, and its state. */
final class RunFolder {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern PROGRESS = Pattern.compile("(\\d+) of (\\d+) trials, .* left");

    private final Path folder;

    RunFolder(Path folder) {
        this.folder = folder;
    }

    /** What does not change. */
    record Head(EvaluationPlan plan, Instant created, String startedBy) {}

    static RunFolder create(Path folder, Head head) {
        RunFolder run = new RunFolder(folder);
        try {
            Files.createDirectories(folder);
            run.replace("plan.json", JSON.writeValueAsString(head));
        } catch (IOException e) {
            throw new UncheckedIOException("making " + folder, e);
        }
        run.state(RunState.WAITING);
        return run;
    }

    String id() {
        return folder.getFileName().toString();
    }

    /** Where the process writes. */
    Path output() {
        return folder.resolve("output");
    }

    Path log() {
        return folder.resolve("log.txt");
    }

    RunState state() {
        return RunState.valueOf(read("state.txt").strip());
    }

    void state(RunState state) {
        replace("state.txt", state.name());
    }

    void problem(String problem) {
        replace("problem.txt", problem);
    }

    EvaluationPlan plan() {
        return head().plan();
    }

    private Head head() {
        return JSON.readValue(read("plan.json"), Head.class);
    }

    /** Whole files only: a server that is killed leaves the old state or the new one. */
    private void replace(String name, String content) {
        Path next = folder.resolve(name + ".next");
        try {
            Files.writeString(next, content);
            Files.move(next, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("writing " + folder.resolve(name), e);
        }
    }

    private String read(String name) {
        try {
            return Files.readString(folder.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + folder.resolve(name), e);
        }
    }

    private String readIfThere(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + file, e);
        }
    }

    /** The last lines of what the process said, for a person. */
    String lastWords() {
        List<String> lines = readIfThere(log()).strip().lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 8), lines.size()));
    }

    EvaluationRun snapshot() {
        Head head = head();
        RunState state = state();
        Matcher found = PROGRESS.matcher(readIfThere(log()));
        String progress = "";
        int percent = 0;
        while (found.find()) {
            progress = found.group();
            percent = (int) (100L * Integer.parseInt(found.group(1)) / Integer.parseInt(found.group(2)));
        }
        return new EvaluationRun(
                id(),
                head.plan(),
                state,
                head.created(),
                head.startedBy(),
                progress,
                state == RunState.DONE ? 100 : percent,
                state == RunState.FAILED ? readIfThere(folder.resolve("problem.txt")) : "",
                state == RunState.DONE ? results() : List.of());
    }

    private List<Result> results() {
        try {
            return Result.read(readIfThere(output().resolve("results.json")));
        } catch (JacksonException e) {
            throw new EvaluationException("The results of run " + id() + " cannot be read: run it again.", e);
        }
    }
}
