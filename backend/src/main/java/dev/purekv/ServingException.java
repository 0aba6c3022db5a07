package dev.purekv;

/**
 * A problem that a caller can be told about. The code says who must act; the message says what was being done, what was
 * expected, what was found and how to mend it, and never holds a secret or a stack trace.
 */
public final class ServingException extends RuntimeException {
    /** Who must act. */
    public enum Code {
        /** The request can never succeed as it is: the caller must change it. */
        INVALID_REQUEST,
        /** What was asked for is not here. */
        NOT_FOUND,
        /** The request is fine but does not fit now: retry later. */
        OUT_OF_CAPACITY,
        /** The caller went away or gave up. */
        CANCELLED,
        /** Understood, but this server does not do it. */
        UNSUPPORTED,
        /** A defect of ours, or of the machine. */
        INTERNAL
    }

    private final Code code;

    private ServingException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    public static ServingException invalid(String message, Object... arguments) {
        return new ServingException(Code.INVALID_REQUEST, format(message, arguments), null);
    }

    public static ServingException notFound(String message, Object... arguments) {
        return new ServingException(Code.NOT_FOUND, format(message, arguments), null);
    }

    public static ServingException outOfCapacity(String message, Object... arguments) {
        return new ServingException(Code.OUT_OF_CAPACITY, format(message, arguments), null);
    }

    public static ServingException cancelled(String message, Object... arguments) {
        return new ServingException(Code.CANCELLED, format(message, arguments), null);
    }

    public static ServingException unsupported(String message, Object... arguments) {
        return new ServingException(Code.UNSUPPORTED, format(message, arguments), null);
    }

    public static ServingException internal(Throwable cause, String message, Object... arguments) {
        return new ServingException(Code.INTERNAL, format(message, arguments), cause);
    }

    private static String format(String message, Object... arguments) {
        return arguments.length == 0 ? message : String.format(java.util.Locale.ROOT, message, arguments);
    }
}
