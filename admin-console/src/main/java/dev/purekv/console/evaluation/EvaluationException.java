package dev.purekv.console.evaluation;

/** What was asked cannot be done; the message is for whoever asked, and says how to mend it. */
public final class EvaluationException extends RuntimeException {
    public EvaluationException(String message) {
        super(message);
    }

    EvaluationException(String message, Throwable cause) {
        super(message, cause);
    }
}
