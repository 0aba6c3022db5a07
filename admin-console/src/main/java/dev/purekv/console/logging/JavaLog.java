package dev.purekv.console.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Shows this process's own log to the tail. */
@Component
final class JavaLog extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private static final String OURS = "dev.purekv";

    private final LoggerContext logs = (LoggerContext) LoggerFactory.getILoggerFactory();
    private final LogTail tail;

    JavaLog(LogTail tail) {
        this.tail = tail;
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
        tail.java(new LogLine(
                event.getInstant(), event.getLevel().toString(), name.substring(name.lastIndexOf('.') + 1), text));
    }

    /** Of the project's own loggers. */
    String level() {
        return logs.getLogger(OURS).getEffectiveLevel().toString();
    }

    void level(String level) {
        logs.getLogger(OURS).setLevel(Level.valueOf(level));
    }

    @Override
    public void close() {
        logs.getLogger(Logger.ROOT_LOGGER_NAME).detachAppender(this);
        stop();
    }
}
