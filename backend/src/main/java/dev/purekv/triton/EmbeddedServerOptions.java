package dev.purekv.triton;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How the embedded Triton starts.
 *
 * @param startupModels names to load at start; {@code *} alone for all
 * @param exitTimeout how long a stop waits for what runs; whole seconds, at least one
 * @param logInfo whether Triton writes its INFO lines to standard error
 */
public record EmbeddedServerOptions(
        Path modelRepository, List<String> startupModels, Duration exitTimeout, boolean logInfo) {
    public EmbeddedServerOptions {
        startupModels = List.copyOf(startupModels);
    }

    /** All models of a repository; a stop waits at most two seconds. */
    public static EmbeddedServerOptions of(Path modelRepository) {
        return new EmbeddedServerOptions(modelRepository, List.of("*"), Duration.ofSeconds(2), false);
    }
}
