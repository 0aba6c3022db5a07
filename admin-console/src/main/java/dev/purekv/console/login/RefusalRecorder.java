package dev.purekv.console.login;

import dev.purekv.console.audit.Audit;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.access.AccessDeniedHandlerImpl;
import org.springframework.security.web.csrf.CsrfException;

/** Notes in the audit log who asked for what they may not do, and which forms came from other pages than the console's. */
final class RefusalRecorder implements AccessDeniedHandler {
    private final Audit audit;
    private final AccessDeniedHandler answer = new AccessDeniedHandlerImpl();

    RefusalRecorder(Audit audit) {
        this.audit = audit;
    }

    @Override
    public void handle(HttpServletRequest request, HttpServletResponse response, AccessDeniedException refusal)
            throws IOException, ServletException {
        Authentication who = SecurityContextHolder.getContext().getAuthentication();
        String name = who == null ? "" : who.getName();
        String why = refusal instanceof CsrfException ? "without the page's token" : "not for this role";
        audit.refusedTo(name, "access", request.getMethod() + " " + request.getRequestURI(), why);
        answer.handle(request, response, refusal);
    }
}
