package dev.purekv.console.history;

import dev.purekv.ServingException;
import dev.purekv.console.config.ConfigText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * A state of a model's config.pbtxt.
 *
 * @param actor who made it; empty where nobody did here
 * @param origin how it came
 * @param reason why, as the person said
 * @param failure why its load was refused; empty where it was not
 */
public record Revision(
        long id,
        String model,
        Instant madeAt,
        String actor,
        Origin origin,
        String reason,
        ConfigText before,
        ConfigText after,
        Outcome outcome,
        String failure) {
    /** How a state came. */
    public enum Origin {
        /** Tuned here. */
        TUNED,
        /** An earlier state, made again here. */
        RESTORED,
        /** Met when the console first looked. */
        FOUND,
        /** Written by somebody else than the console. */
        BY_HAND
    }

    /** What became of it. */
    public enum Outcome {
        /** Its load runs. */
        LOADING,
        /** It was loaded. */
        SERVES,
        /** Its load failed, and the file is again what it was before. */
        TAKEN_BACK,
        /** Nobody loaded it from here. */
        UNKNOWN
    }

    /** A parameter that differs between before and after; empty where it is not set. */
    public record Difference(String name, String before, String after) {}

    /** @return the parameters that differ; none where a file cannot be read */
    public List<Difference> differences() {
        try {
            return differences(before.parameters(), after.parameters());
        } catch (ServingException unreadable) {
            return List.of();
        }
    }

    /** @return by name */
    public static List<Difference> differences(Map<String, String> before, Map<String, String> after) {
        TreeSet<String> names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        List<Difference> differences = new ArrayList<>();
        for (String name : names) {
            if (!before.getOrDefault(name, "").equals(after.getOrDefault(name, ""))) {
                differences.add(new Difference(name, before.getOrDefault(name, ""), after.getOrDefault(name, "")));
            }
        }
        return differences;
    }

    public String outcomeWord() {
        return switch (outcome) {
            case LOADING -> "loading";
            case SERVES -> "loaded";
            case TAKEN_BACK -> "refused, taken back";
            case UNKNOWN -> origin == Origin.FOUND ? "as found" : "not loaded from here";
        };
    }

    public String tone() {
        return switch (outcome) {
            case SERVES -> "good";
            case TAKEN_BACK -> "bad";
            default -> "warn";
        };
    }

    public String originWord() {
        return switch (origin) {
            case TUNED -> "tuned";
            case RESTORED -> "restored";
            case FOUND -> "found";
            case BY_HAND -> "edited by hand";
        };
    }
}
