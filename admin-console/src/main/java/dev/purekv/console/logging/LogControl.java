package dev.purekv.console.logging;

import dev.purekv.server.InferenceServer;
import dev.purekv.server.LogSettings;
import dev.purekv.server.ServerException;
import dev.purekv.server.ServerException.Status;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * Reads and changes the settings of the log, by Triton's names.
 *
 * <p>Source: Triton r24.10, src/http_server.cc, HandleLogging. Differs: a setting that is none is refused, where Triton
 * ignores it, and nothing changes when one of several is refused.
 */
@Component
public final class LogControl {
    private final InferenceServer server;

    LogControl(InferenceServer server) {
        this.server = server;
    }

    /** @return Boolean, Integer and String by name, in Triton's order */
    public Map<String, Object> settings() {
        LogSettings now = server.logSettings();
        Map<String, Object> settings = new LinkedHashMap<>();
        // The standard error, which is where every line arrives: files on the way there are nobody's setting
        // (TritonSpool).
        settings.put("log_file", "");
        settings.put("log_info", now.info());
        settings.put("log_warning", now.warning());
        settings.put("log_error", now.error());
        settings.put("log_verbose_level", now.verboseLevel());
        settings.put("log_format", now.iso8601() ? "ISO8601" : "default");
        return settings;
    }

    /**
     * @param wanted Boolean, Long, String or something else by name
     * @throws ServerException INVALID_ARG for a name that is none or a value that does not fit, UNSUPPORTED for a file
     */
    public synchronized void change(Map<String, ?> wanted) {
        LogSettings now = server.logSettings();
        boolean info = now.info();
        boolean warning = now.warning();
        boolean error = now.error();
        int level = now.verboseLevel();
        boolean iso8601 = now.iso8601();
        for (Map.Entry<String, ?> entry : wanted.entrySet()) {
            String name = entry.getKey();
            Object value = entry.getValue();
            switch (name) {
                case "log_info" -> info = flag(name, value);
                case "log_warning" -> warning = flag(name, value);
                case "log_error" -> error = flag(name, value);
                case "log_verbose_level" -> level = level(value);
                case "log_format" -> iso8601 = iso8601(value);
                case "log_file" ->
                    throw new ServerException(
                            Status.UNSUPPORTED, "log file location can not be updated through network protocol");
                default ->
                    throw invalid("unknown log setting '" + name + "'; known are log_info, log_warning, log_error,"
                            + " log_verbose_level and log_format");
            }
        }
        if (!wanted.isEmpty()) {
            server.changeLog(new LogSettings(info, warning, error, level, iso8601));
        }
    }

    private static boolean flag(String name, Object value) {
        if (!(value instanceof Boolean flag)) {
            throw invalid("expect boolean for '" + name + "', got " + value);
        }
        return flag;
    }

    private static int level(Object value) {
        if (!(value instanceof Long number) || number < 0 || number > Integer.MAX_VALUE) {
            throw invalid("expect a whole number from 0 to 2^31 - 1 for 'log_verbose_level', got " + value);
        }
        return number.intValue();
    }

    private static boolean iso8601(Object value) {
        if (!"ISO8601".equals(value) && !"default".equals(value)) {
            throw invalid("invalid argument for log_format, expected 'default' or 'ISO8601', got: " + value);
        }
        return value.equals("ISO8601");
    }

    private static ServerException invalid(String message) {
        return new ServerException(Status.INVALID_ARG, message);
    }
}
