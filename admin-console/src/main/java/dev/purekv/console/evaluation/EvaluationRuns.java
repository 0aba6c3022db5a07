package dev.purekv.console.evaluation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All evaluations, one running at a time. What was running or waiting when the server stopped goes on after its next start, and does
 * again only what is missing.
 */
public final class EvaluationRuns implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EvaluationRuns.class);
    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS").withZone(ZoneOffset.UTC);

    /** Finds what a plan names. */
    public interface Sources {
        /** @throws EvaluationException when the repository has no such model, or its weights are not in this machine's files */
        Path checkpoint(String model);

        /** @return parameters that only the model's family knows */
        default Map<String, String> familySettings(String model) {
            return Map.of();
        }

        /** @throws EvaluationException when there is no such set */
        Path questions(String set);
    }

    private final Path folder;
    private final Sources sources;
    private final Thread worker;
    private String running; // id; null when nothing runs
    private Process process; // of the run
    private boolean closed;

    /** @param folder one folder a run; made if it is not there */
    public EvaluationRuns(Path folder, Sources sources) {
        this.folder = folder;
        this.sources = sources;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("making " + folder, e);
        }
        folders().stream().filter(run -> run.state() == RunState.RUNNING).forEach(run -> run.state(RunState.WAITING));
        worker = new Thread(this::work, "evaluations");
        worker.setDaemon(true);
        worker.start();
    }

    /** @throws EvaluationException when the plan names what is not there */
    public synchronized EvaluationRun start(EvaluationPlan plan, String by) {
        sources.checkpoint(plan.model());
        sources.questions(plan.questions());
        Instant now = Instant.now();
        RunFolder run = RunFolder.create(folder.resolve(nextId(now)), new RunFolder.Head(plan, now, by));
        notifyAll();
        return run.snapshot();
    }

    /** Names are in order of the starts, although the clock may have gone back, or two are started in a moment. */
    private String nextId(Instant now) {
        String last = folders().stream()
                .map(RunFolder::id)
                .max(Comparator.naturalOrder())
                .orElse("");
        String byClock = NAME.format(now);
        return byClock.compareTo(last) > 0
                ? byClock
                : NAME.format(NAME.parse(last, Instant::from).plusMillis(1));
    }

    /** Newest first. */
    public List<EvaluationRun> all() {
        return folders().stream()
                .sorted(Comparator.comparing(RunFolder::id).reversed())
                .map(RunFolder::snapshot)
                .toList();
    }

    /** @throws EvaluationException when there is none */
    public EvaluationRun get(String id) {
        return folder(id).snapshot();
    }

    /**
     * A file that the run wrote.
     *
     * @param name one of the names that an evaluation writes
     */
    public Path file(String id, String name) {
        if (!name.matches("[a-z-]{1,40}\\.(csv|md|png|json)")) {
            throw new EvaluationException("An evaluation has no file of this name.");
        }
        return folder(id).output().resolve(name);
    }

    /** Stops it where it is; what it has found stays. */
    public synchronized void cancel(String id) {
        RunFolder run = folder(id);
        if (!run.state().isOpen()) {
            throw new EvaluationException("The run is not under way any more: there is nothing to cancel.");
        }
        run.state(RunState.CANCELLED);
        if (id.equals(running) && process != null) {
            process.destroy();
        }
    }

    /** Lets it go on where it stopped. */
    public synchronized void resume(String id) {
        RunFolder run = folder(id);
        if (!run.state().canResume()) {
            throw new EvaluationException("Only a run that was cancelled or that failed can go on.");
        }
        run.state(RunState.WAITING);
        notifyAll();
    }

    private RunFolder folder(String id) {
        // The id comes from an address: only names that this class makes reach the file system.
        if (!id.matches("\\d{8}-\\d{6}-\\d{3}")
                || !Files.exists(folder.resolve(id).resolve("state.txt"))) {
            throw new EvaluationException("There is no such evaluation.");
        }
        return new RunFolder(folder.resolve(id));
    }

    private List<RunFolder> folders() {
        try (Stream<Path> found = Files.list(folder)) {
            return found.filter(each -> Files.exists(each.resolve("state.txt")))
                    .map(RunFolder::new)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("listing " + folder, e);
        }
    }

    private void work() {
        boolean more = true;
        while (more) {
            try {
                Optional<RunFolder> next = next();
                next.ifPresent(this::run);
                more = next.isPresent();
            } catch (RuntimeException e) { // the disk is full, for one
                LOG.warn(
                        "evaluations: a run's files cannot be read or written; looking again in {} s",
                        PAUSE.toSeconds(),
                        e);
                more = pause();
            }
        }
    }

    /** @return false at the end */
    private synchronized boolean pause() {
        try {
            if (!closed) {
                wait(PAUSE.toMillis());
            }
            return !closed;
        } catch (InterruptedException e) {
            return false;
        }
    }

    /** Waits for the run whose turn it is; empty at the end. */
    private synchronized Optional<RunFolder> next() {
        while (!closed) {
            Optional<RunFolder> waiting = folders().stream()
                    .filter(run -> run.state() == RunState.WAITING)
                    .min(Comparator.comparing(RunFolder::id));
            if (waiting.isPresent()) {
                running = waiting.get().id();
                waiting.get().state(RunState.RUNNING);
                return waiting;
            }
            try {
                wait();
            } catch (InterruptedException e) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    private void run(RunFolder run) {
        try {
            EvaluationPlan plan = run.plan();
            List<String> command = EvaluationCommand.of(
                    plan, sources.checkpoint(plan.model()), sources.questions(plan.questions()), run.output());
            sources.familySettings(plan.model())
                    .forEach((name, value) -> command.add("--setting=" + name + "=" + value));
            synchronized (this) {
                if (closed || run.state() != RunState.RUNNING) {
                    return;
                }
                process = EvaluationCommand.start(command, run.log());
            }
            ended(run, process.waitFor());
        } catch (InterruptedException e) {
            process.destroy();
        } catch (RuntimeException e) {
            LOG.warn("evaluation {} failed", run.id(), e);
            synchronized (this) {
                run.problem(e.getMessage());
                run.state(RunState.FAILED);
            }
        } finally {
            synchronized (this) {
                running = null;
                process = null;
            }
        }
    }

    private synchronized void ended(RunFolder run, int exit) {
        // A cancelled run has its state already; one that the server's own stop ends is to go on after the next start.
        if (run.state() == RunState.RUNNING && !closed) {
            if (exit != 0) {
                run.problem("The evaluation ended with " + exit + ":\n" + run.lastWords());
            }
            run.state(exit == 0 ? RunState.DONE : RunState.FAILED);
        }
    }

    /** Stops the process of the run under way, which goes on after the next start. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            if (process != null) {
                process.destroy();
            }
            notifyAll();
        }
        try {
            worker.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
