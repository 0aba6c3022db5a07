package dev.purekv.console.doors;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.springframework.http.HttpStatus;

/**
 * Writes the body of what Tomcat refuses before any filter runs, such as a path that is no UTF-8: Triton's shape at
 * every door, in place of an HTML page that names the container.
 */
final class RefusalValve extends ErrorReportValve {
    @Override
    protected void report(Request request, Response response, Throwable failure) {
        int status = response.getStatus();
        if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        HttpStatus known = HttpStatus.resolve(status);
        String reason = known == null ? "Error" : known.getReasonPhrase();
        response.setContentType("application/json");
        try {
            response.getOutputStream().write(("{\"error\":\"" + reason + "\"}").getBytes(StandardCharsets.US_ASCII));
            response.finishResponse();
        } catch (IOException e) {
            getContainer().getLogger().debug("the client went before it was refused", e);
        }
    }
}
