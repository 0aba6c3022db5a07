package dev.purekv.engine;

import dev.purekv.ServingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a client is told of a problem. */
final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private Failures() {}

    static ServingException stopping() {
        return ServingException.outOfCapacity(
                "the model is being unloaded or the server is stopping: retry in a moment");
    }

    /** @param doing what was tried, for the message and the log */
    static ServingException translate(Throwable problem, String doing) {
        if (problem instanceof ServingException known) {
            return known;
        }
        if (problem instanceof OutOfMemoryError) {
            LOG.error("{} failed: {}", doing, problem.getMessage());
            return ServingException.outOfCapacity(
                    "%s needs more memory than the server has left: retry in a moment, send less, or start the server with a larger heap (-Xmx)",
                    doing);
        }
        LOG.error("{} failed", doing, problem);
        String message = String.valueOf(problem.getMessage());
        // LibTorch puts its whole C++ trace into the message; the first line is the useful one.
        return ServingException.internal(
                problem, "%s failed: %s", doing, message.lines().findFirst().orElse(""));
    }
}
