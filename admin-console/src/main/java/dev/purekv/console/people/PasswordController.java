package dev.purekv.console.people;

import dev.purekv.console.audit.Audit;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;

/** Lets people change their own password. Afterwards they log in with it, everywhere. */
@Controller
@RequestMapping("/password")
class PasswordController {
    private final People people;
    private final PasswordEncoder encoder;
    private final Audit audit;

    PasswordController(People people, PasswordEncoder encoder, Audit audit) {
        this.people = people;
        this.encoder = encoder;
        this.audit = audit;
    }

    @GetMapping
    String show(@AuthenticationPrincipal Object who, Model page) {
        page.addAttribute("mustChange", person(who).mustChange());
        page.addAttribute("shortest", Passwords.SHORTEST);
        return "password";
    }

    @PostMapping
    String change(
            @AuthenticationPrincipal Object who,
            @RequestParam String present,
            @RequestParam String wanted,
            @RequestParam String again,
            Model page,
            HttpServletRequest request) {
        Person person = person(who);
        String problem = problem(person, present, wanted, again);
        if (problem != null) {
            audit.refused("password", person.name(), problem);
            page.addAttribute("problem", problem);
            request.setAttribute("status", HttpStatus.UNPROCESSABLE_CONTENT.value());
            return show(who, page);
        }
        people.changePassword(person.name(), wanted, false);
        audit.done("password", person.name(), "changed by the person");
        request.getSession().invalidate();
        return "redirect:/login?changed";
    }

    private String problem(Person person, String present, String wanted, String again) {
        // The session's person has no hash. Wrong guesses count, or an open session would let a stranger try for ever.
        Person stored = people.find(person.name()).orElseThrow();
        if (stored.locked() || !encoder.matches(present, stored.passwordHash())) {
            people.failed(person.name());
            return "The present password is wrong, or was wrong too often: then wait " + People.LOCK.toMinutes()
                    + " minutes.";
        }
        if (!wanted.equals(again)) {
            return "The new password and its repetition differ.";
        }
        if (wanted.equals(present)) {
            return "The new password must differ from the present one.";
        }
        return Passwords.problem(person.name(), wanted);
    }

    /** People of an identity provider have no password here. */
    private static Person person(Object who) {
        if (who instanceof Person person) {
            return person;
        }
        throw new ResponseStatusException(HttpStatus.NOT_FOUND, "Your password is your identity provider's.");
    }
}
