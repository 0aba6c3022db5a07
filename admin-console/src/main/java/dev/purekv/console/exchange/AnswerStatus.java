package dev.purekv.console.exchange;

import jakarta.servlet.http.HttpServletResponse;

/** The status of an answer, and what goes with it. */
public final class AnswerStatus {
    private AnswerStatus() {}

    /** Sets the status; one that will pass comes with a time to try again. */
    public static void set(HttpServletResponse response, int status) {
        response.setStatus(status);
        if (status == HttpServletResponse.SC_SERVICE_UNAVAILABLE) {
            response.setHeader("Retry-After", "1"); // seconds; answers end all the time
        }
    }
}
