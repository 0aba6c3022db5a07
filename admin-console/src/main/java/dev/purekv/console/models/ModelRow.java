package dev.purekv.console.models;

import java.util.Locale;

/**
 * A model, or one version of it, for people.
 *
 * @param version empty where the repository's index knows none
 * @param state Triton's word; UNKNOWN for a model that was never loaded
 * @param reason why it is not ready, in words; may be empty
 * @param policy and
 * @param ratio as its config.pbtxt says; empty for a model of another backend
 * @param figures of the engine; null where it has none
 * @param job the latest load or unload from here; null for none
 */
public record ModelRow(
        String name,
        String version,
        String state,
        String reason,
        String policy,
        String ratio,
        ModelFigures figures,
        LoadJob job) {
    /** Whether the model serves. */
    public boolean ready() {
        return state.equals("READY");
    }

    public String stateWord() {
        return state.equals("UNKNOWN") ? "not loaded" : state.toLowerCase(Locale.ROOT);
    }

    /** @return the class of the state's colour */
    public String tone() {
        return switch (state) {
            case "READY" -> "good";
            case "LOADING", "UNLOADING" -> "warn";
            case "UNAVAILABLE" -> reason.isEmpty() || reason.equals("unloaded") ? "warn" : "bad";
            default -> "warn";
        };
    }

    /** Whether a load or unload from here is under way. */
    public boolean busy() {
        return job != null && job.running();
    }
}
