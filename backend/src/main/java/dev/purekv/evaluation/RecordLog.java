package dev.purekv.evaluation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Records in a file, a line of JSON each, written as soon as they exist, so that a run that was cut off goes on where it stopped. */
final class RecordLog<T> {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path file;
    private final Function<T, String> key;
    private final Map<String, T> records = new LinkedHashMap<>();

    /** @param key what tells a record from all others; of two with one key the first counts */
    RecordLog(Path file, Class<T> type, Function<T, String> key) {
        this.file = file;
        this.key = key;
        try {
            if (Files.exists(file)) {
                List<String> lines = Files.readAllLines(file);
                List<String> sound = new ArrayList<>();
                lines.forEach(line -> recall(line, type, sound));
                if (sound.size() < lines.size()) {
                    Files.write(file, sound);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + file, e);
        }
    }

    private void recall(String line, Class<T> type, List<String> sound) {
        try {
            T read = JSON.readValue(line, type);
            records.putIfAbsent(key.apply(read), read);
            sound.add(line);
        } catch (JacksonException cutOff) {
            // The line that was being written when the run ended: it goes, and is computed again.
        }
    }

    boolean holds(String wanted) {
        return records.containsKey(wanted);
    }

    /** @return null when there is none */
    T get(String wanted) {
        return records.get(wanted);
    }

    void add(T record) {
        records.putIfAbsent(key.apply(record), record);
        try {
            Files.writeString(
                    file, JSON.writeValueAsString(record) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("writing " + file, e);
        }
    }
}
