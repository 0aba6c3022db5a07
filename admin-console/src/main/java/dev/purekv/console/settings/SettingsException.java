package dev.purekv.console.settings;

/** A setting that stops the start. The description says key, value and what is allowed; the action says how to mend it. */
public final class SettingsException extends RuntimeException {
    private final String action;

    public SettingsException(String description, String action) {
        super(description);
        this.action = action;
    }

    String action() {
        return action;
    }
}
