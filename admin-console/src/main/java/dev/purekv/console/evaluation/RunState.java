package dev.purekv.console.evaluation;

/** How far an evaluation is. */
public enum RunState {
    /** Another one runs, or the server has just come up: it begins, or goes on, by itself. */
    WAITING,
    RUNNING,
    /** Stopped by somebody; can go on where it stopped. */
    CANCELLED,
    /** Ended by a problem; can be tried again, and does again only what is missing. */
    FAILED,
    DONE;

    public boolean canResume() {
        return this == CANCELLED || this == FAILED;
    }

    public boolean isOpen() {
        return this == WAITING || this == RUNNING;
    }
}
