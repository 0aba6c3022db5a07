package dev.purekv.console.people;

import dev.purekv.console.audit.Audit;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Administrators add people, change what they may do, and give new passwords. Nobody is deleted: the audit log names them. */
@Controller
@RequestMapping("/people")
class PeopleController {
    private final People people;
    private final Audit audit;

    PeopleController(People people, Audit audit) {
        this.people = people;
        this.audit = audit;
    }

    @GetMapping
    String show(Model page) {
        page.addAttribute("people", people.all());
        page.addAttribute("roles", Role.values());
        return "people";
    }

    /** The new password is shown once, in this answer: a redirect would have to keep it somewhere. */
    @PostMapping
    String add(@RequestParam String name, @RequestParam String role, Model page) {
        if (!name.matches("[A-Za-z0-9._@-]{1,64}")) {
            return refused("add person", name, "A name has 1 to 64 letters, digits, '.', '_', '@' or '-'.", page);
        }
        String password = Passwords.random();
        if (!people.add(name, password, role(role))) {
            return refused("add person", name, "There is somebody of the name " + name + " already.", page);
        }
        audit.done("add person", name, "as " + role);
        return shown(name, password, page);
    }

    @PostMapping("/{name}/password")
    String newPassword(@PathVariable String name, Model page) {
        String password = Passwords.random();
        people.changePassword(known(name).name(), password, true);
        audit.done("password", name, "replaced by an administrator");
        return shown(name, password, page);
    }

    @PostMapping("/{name}")
    String change(
            @PathVariable String name,
            @RequestParam String role,
            @RequestParam(defaultValue = "false") boolean enabled,
            Authentication who,
            RedirectAttributes next) {
        Person person = known(name);
        String wanted = role + (enabled ? "" : ", disabled");
        if (person.name().equals(who.getName())) {
            return kept(name, wanted, "Another administrator has to change your own role.", next);
        }
        if (!people.change(person.name(), role(role), enabled)) {
            return kept(name, wanted, "One administrator who can log in must be left.", next);
        }
        audit.done(
                "change person", name, person.role().word() + (person.enabled() ? "" : ", disabled") + " -> " + wanted);
        next.addFlashAttribute("said", name + " is now " + wanted + ", and has to log in again.");
        return "redirect:/people";
    }

    private String kept(String name, String wanted, String problem, RedirectAttributes next) {
        audit.refused("change person", name, "to " + wanted + ": " + problem);
        next.addFlashAttribute("problem", problem);
        return "redirect:/people";
    }

    private String refused(String action, String subject, String problem, Model page) {
        audit.refused(action, subject, problem);
        page.addAttribute("problem", problem);
        return show(page);
    }

    private String shown(String name, String password, Model page) {
        page.addAttribute("newName", name);
        page.addAttribute("newPassword", password);
        return show(page);
    }

    private Person known(String name) {
        return people.find(name)
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND, "There is nobody of this name."));
    }

    private static Role role(String word) {
        try {
            return Role.of(word);
        } catch (IllegalArgumentException e) {
            throw new ResponseStatusException(HttpStatus.BAD_REQUEST, "A role is viewer, operator or admin.");
        }
    }
}
