package dev.purekv.console.history;

/** A file is not what the person saw who wanted to change it. The message says who changed it, and when. */
public final class Conflict extends RuntimeException {
    Conflict(String message) {
        super(message);
    }
}
