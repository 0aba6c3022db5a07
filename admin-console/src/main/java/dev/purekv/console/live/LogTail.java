package dev.purekv.console.live;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The latest lines of this process's own log. Triton's native lines go to the process's standard error alone. */
@Component
final class LogTail extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private static final int KEPT = 300;
    private static final int LONGEST = 2000;
    private static final String OURS = "dev.purekv";

    /** @param logger the last part of its name */
    record Line(Instant at, String level, String logger, String text) {}

    private final LoggerContext logs = (LoggerContext) LoggerFactory.getILoggerFactory();
    private final Deque<Line> lines = new ArrayDeque<>();

    LogTail() {
        setName("console");
        setContext(logs);
        start();
        logs.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(this);
    }

    @Override
    protected void append(ILoggingEvent event) {
        String name = event.getLoggerName();
        IThrowableProxy thrown = event.getThrowableProxy();
        String text = event.getFormattedMessage()
                + (thrown == null ? "" : " - " + thrown.getClassName() + ": " + thrown.getMessage());
        Line line = new Line(
                event.getInstant(),
                event.getLevel().toString(),
                name.substring(name.lastIndexOf('.') + 1),
                text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text);
        synchronized (lines) {
            lines.addFirst(line);
            while (lines.size() > KEPT) {
                lines.removeLast();
            }
        }
    }

    /** Newest first. */
    List<Line> latest() {
        synchronized (lines) {
            return new ArrayList<>(lines);
        }
    }

    /** Of the project's own loggers. */
    String level() {
        return logs.getLogger(OURS).getEffectiveLevel().toString();
    }

    /** @param level one of {@link #LEVELS} */
    void level(String level) {
        logs.getLogger(OURS).setLevel(Level.valueOf(level));
    }

    static final List<String> LEVELS = List.of("ERROR", "WARN", "INFO", "DEBUG");

    @Override
    public void close() {
        logs.getLogger(Logger.ROOT_LOGGER_NAME).detachAppender(this);
        stop();
    }
}
