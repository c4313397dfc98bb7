package org.iommusim.scenario.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.FileAppender;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** {@code run.log} of one run directory: everything that is logged while it is open. */
public final class RunLog implements AutoCloseable {
    private final Logger root;
    private final FileAppender<ILoggingEvent> appender = new FileAppender<>();

    /** Opens the log, in place of an older one. */
    public RunLog(Path file) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        appender.setContext(context);
        appender.setFile(file.toString());
        appender.setAppend(false);
        appender.setEncoder(LogConfigurator.encoder(context, "%d{HH:mm:ss.SSS} %-5level %msg%n"));
        appender.start();
        root.addAppender(appender);
    }

    /** Logs a line to the file only. */
    public void info(String message) {
        log(Level.INFO, message, null);
    }

    /** Logs an error with its stack trace to the file only. */
    public void error(String message, Throwable cause) {
        log(Level.ERROR, message, cause);
    }

    private void log(Level level, String message, @Nullable Throwable cause) {
        appender.doAppend(new LoggingEvent(RunLog.class.getName(), root, level, message, cause, null));
    }

    @Override
    public void close() {
        root.detachAppender(appender);
        appender.stop();
    }
}
