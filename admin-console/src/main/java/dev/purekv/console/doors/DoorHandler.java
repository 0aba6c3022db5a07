package dev.purekv.console.doors;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Answers what comes through one door, or the part of it below one path. */
public interface DoorHandler {
    Door door();

    /** The path below which this handler answers, such as {@code /v1}; empty for all that no other one answers. */
    default String root() {
        return "";
    }

    void handle(HttpServletRequest request, HttpServletResponse response) throws IOException;

    /**
     * Answers a request whose connection is one too many, with status 503; the connection is closed then.
     *
     * @param why for the client
     */
    void turnAway(HttpServletResponse response, String why) throws IOException;

    /** Gives a refusal of the container itself, such as a malformed request, this door's shape. The status is set already. */
    void refused(HttpServletRequest request, HttpServletResponse response) throws IOException;
}
