package dev.purekv.console.settings;

/** The words for a port that cannot be opened. */
public final class PortTaken {
    private PortTaken() {}

    public static SettingsException of(String key, int port) {
        return new SettingsException(
                key + "=" + port + ": the port cannot be opened; another program may be using it",
                "Stop the program that listens on port " + port + ", or set " + key
                        + " to a free port (0 takes any). Is purekv running already? If purekv.bind-address is set, check that"
                        + " it is an address of this machine.");
    }
}
