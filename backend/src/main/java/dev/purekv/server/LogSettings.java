package dev.purekv.server;

/**
 * What Triton writes to its log.
 *
 * @param verboseLevel 0 for none
 * @param iso8601 times as ISO 8601 has them; else in glog's way, Triton's default
 */
public record LogSettings(boolean info, boolean warning, boolean error, int verboseLevel, boolean iso8601) {
    public LogSettings {
        if (verboseLevel < 0) {
            throw new ServerException(
                    ServerException.Status.INVALID_ARG,
                    "log_verbose_level must be 0 or more, got " + Integer.toUnsignedString(verboseLevel));
        }
    }
}
