package dev.purekv.evaluation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** All trials of a comparison, a line of JSON each, so that a run that was cut off goes on where it stopped. */
final class TrialLog {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path file;
    private final List<Trial> trials = new ArrayList<>();
    private final Set<String> done = new HashSet<>();

    TrialLog(Path file) {
        this.file = file;
        try {
            if (Files.exists(file)) {
                Files.readAllLines(file).forEach(this::recall);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + file, e);
        }
    }

    private void recall(String line) {
        try {
            remember(JSON.readValue(line, Trial.class));
        } catch (JacksonException cutOff) {
            // The line that was being written when the run ended: its trial is run again.
        }
    }

    private void remember(Trial trial) {
        if (done.add(key(trial.variant(), trial.question()))) {
            trials.add(trial);
        }
    }

    private static String key(String variant, String question) {
        return variant + "|" + question;
    }

    boolean holds(Variant variant, Question question) {
        return done.contains(key(variant.name(), question.key()));
    }

    void add(Trial trial) {
        remember(trial);
        try {
            Files.writeString(
                    file, JSON.writeValueAsString(trial) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("writing " + file, e);
        }
    }

    List<Trial> trials() {
        return List.copyOf(trials);
    }
}
