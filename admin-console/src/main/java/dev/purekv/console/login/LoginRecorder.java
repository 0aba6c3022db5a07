package dev.purekv.console.login;

import dev.purekv.console.audit.Audit;
import dev.purekv.console.people.People;
import org.springframework.context.event.EventListener;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.event.AbstractAuthenticationFailureEvent;
import org.springframework.security.authentication.event.InteractiveAuthenticationSuccessEvent;
import org.springframework.security.authentication.event.LogoutSuccessEvent;
import org.springframework.stereotype.Component;

/** Notes logins, and counts those that fail. */
@Component
final class LoginRecorder {
    private final People people;
    private final Audit audit;

    LoginRecorder(People people, Audit audit) {
        this.people = people;
        this.audit = audit;
    }

    @EventListener
    void in(InteractiveAuthenticationSuccessEvent event) {
        people.succeeded(event.getAuthentication().getName());
        audit.doneBy(event.getAuthentication().getName(), "login", "", "");
    }

    @EventListener
    void refused(AbstractAuthenticationFailureEvent event) {
        String name = event.getAuthentication().getName();
        String why = event.getException().getMessage();
        if (event.getException() instanceof BadCredentialsException && people.failed(name)) {
            why = "too often: the account is locked for a while";
        }
        audit.refusedTo(name, "login", "", why);
    }

    @EventListener
    void out(LogoutSuccessEvent event) {
        audit.doneBy(event.getAuthentication().getName(), "logout", "", "");
    }
}
