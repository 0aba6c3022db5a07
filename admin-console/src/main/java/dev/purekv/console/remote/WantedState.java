package dev.purekv.console.remote;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a model's parameters are to be on every endpoint of a group.
 *
 * @param settings values by name; an empty one is to be absent, so that the default holds. Parameters that are not named may be
 *     anything
 * @param reason why, as the person said
 * @param endedAt when it was withdrawn or replaced; null while it holds
 * @param endedBy null while it holds
 */
record WantedState(
        long id,
        String group,
        String model,
        Map<String, String> settings,
        String actor,
        String reason,
        Instant madeAt,
        Instant endedAt,
        String endedBy) {
    WantedState {
        settings = java.util.Collections.unmodifiableMap(new TreeMap<>(settings));
    }

    public boolean holds() {
        return endedAt == null;
    }

    /** @return such as {@code compression_ratio: 1 -> 5}, for each setting that is another; none where nothing is missing */
    List<String> missing(Map<String, String> actual) {
        List<String> words = new ArrayList<>();
        settings.forEach((name, value) -> {
            String found = actual.getOrDefault(name, "");
            if (!found.equals(value)) {
                words.add(name + ": " + shown(found) + " -> " + shown(value));
            }
        });
        return words;
    }

    /** For templates. */
    public List<String> lines() {
        return settings.entrySet().stream()
                .map(each -> each.getKey() + ": " + shown(each.getValue()))
                .toList();
    }

    private static String shown(String value) {
        return value.isEmpty() ? "default" : value;
    }
}
