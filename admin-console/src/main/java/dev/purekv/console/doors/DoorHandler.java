package dev.purekv.console.doors;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Answers everything that comes through one door. */
public interface DoorHandler {
    Door door();

    void handle(HttpServletRequest request, HttpServletResponse response) throws IOException;

    /** Gives a refusal of the container itself, such as a malformed request, this door's shape. The status is set already. */
    void refused(HttpServletRequest request, HttpServletResponse response) throws IOException;
}
