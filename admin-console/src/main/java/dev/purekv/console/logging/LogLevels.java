package dev.purekv.console.logging;

import dev.purekv.server.InferenceServer;
import dev.purekv.server.LogSettings;
import java.util.List;
import org.springframework.stereotype.Component;

/** One switch for both sides of the log. */
@Component
public final class LogLevels {
    public static final List<String> ALL = List.of("ERROR", "WARN", "INFO", "DEBUG");

    private final JavaLog java;
    private final InferenceServer server;

    LogLevels(JavaLog java, InferenceServer server) {
        this.java = java;
        this.server = server;
    }

    /** From where on Java writes. */
    public String java() {
        return java.level();
    }

    /** From where on Triton writes, in Java's words; its settings may have been changed over the network one by one. */
    public String triton() {
        LogSettings now = server.logSettings();
        if (now.verboseLevel() > 0) {
            return "DEBUG";
        }
        return now.info() ? "INFO" : now.warning() ? "WARN" : now.error() ? "ERROR" : "nowhere";
    }

    /**
     * Sets both.
     *
     * @param level one of {@link #ALL}
     */
    public void set(String level) {
        int detail = ALL.indexOf(level);
        LogSettings now = server.logSettings();
        // Whoever asked Triton for more than its first verbose level keeps that.
        int verbose = level.equals("DEBUG") ? Math.max(1, now.verboseLevel()) : 0;
        server.changeLog(new LogSettings(
                detail >= ALL.indexOf("INFO"), detail >= ALL.indexOf("WARN"), true, verbose, now.iso8601()));
        java.level(level);
    }
}
