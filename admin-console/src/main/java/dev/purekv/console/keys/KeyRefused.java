package dev.purekv.console.keys;

import java.time.Duration;

/** A request that its key does not allow. The message never holds a key. */
public final class KeyRefused extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Why. */
    public enum Reason {
        /** No key came, or one that is not in the file. */
        UNKNOWN,
        /** The key is not good for this. */
        SCOPE,
        /** The key has been used too often. */
        RATE,
        /** Nobody can be let in: the file of keys cannot be read. */
        UNREADABLE
    }

    private final Reason reason;
    private final Duration retryAfter;

    private KeyRefused(Reason reason, String message, Duration retryAfter) {
        super(message, null, false, false); // it is an answer, not a defect: no stack trace
        this.reason = reason;
        this.retryAfter = retryAfter;
    }

    static KeyRefused because(Reason reason, String message) {
        return new KeyRefused(reason, message, Duration.ZERO);
    }

    /** @param retryAfter at least a second: HTTP counts in seconds */
    static KeyRefused tooOften(String message, Duration retryAfter) {
        return new KeyRefused(Reason.RATE, message, retryAfter);
    }

    public Reason reason() {
        return reason;
    }

    /** When to come again; zero where that does not help. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
