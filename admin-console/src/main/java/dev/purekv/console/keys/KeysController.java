package dev.purekv.console.keys;

import dev.purekv.console.audit.Audit;
import dev.purekv.console.settings.PureKvSettings;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Administrators make and revoke the keys of the inference and metrics doors. */
@Controller
@RequestMapping("/keys")
class KeysController {
    private final KeyRing ring;
    private final Audit audit;

    KeysController(PureKvSettings settings, Audit audit) {
        this.ring = settings.keysFile() == null ? null : new KeyRing(settings.keysFile());
        this.audit = audit;
    }

    @GetMapping
    String show(Model page) throws IOException {
        page.addAttribute("open", ring == null);
        page.addAttribute("keys", ring == null ? List.of() : ring.all());
        page.addAttribute("scopes", EnumSet.complementOf(EnumSet.of(Scope.HEALTH)));
        return "keys";
    }

    /** The key is shown once, in this answer: a redirect would have to keep it somewhere. */
    @PostMapping
    String create(
            @RequestParam String name,
            @RequestParam(defaultValue = "") List<String> scopes,
            @RequestParam(defaultValue = "") String requestsPerMinute,
            Model page)
            throws IOException {
        try {
            Integer limit = requestsPerMinute.isBlank() ? null : Integer.valueOf(requestsPerMinute.strip());
            page.addAttribute("newKey", ring().create(name, scopes(scopes), limit));
            page.addAttribute("newName", name);
            audit.done("make key", name, String.join(", ", scopes));
        } catch (NumberFormatException e) {
            refused(name, "Requests a minute must be a whole number, or empty.", page);
        } catch (IllegalArgumentException e) {
            refused(name, e.getMessage(), page);
        }
        return show(page);
    }

    @PostMapping("/{name}/revoke")
    String revoke(@PathVariable String name, RedirectAttributes next) throws IOException {
        try {
            ring().revoke(name);
        } catch (IllegalArgumentException e) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND, e.getMessage());
        }
        audit.done("revoke key", name, "");
        next.addFlashAttribute("said", "The key " + name + " is refused from now on.");
        return "redirect:/keys";
    }

    private void refused(String name, String problem, Model page) {
        audit.refused("make key", name, problem);
        page.addAttribute("problem", problem);
    }

    private KeyRing ring() {
        if (ring == null) {
            throw new ResponseStatusException(
                    HttpStatus.CONFLICT, "The server asks for no keys: start it with purekv.keys-file first.");
        }
        return ring;
    }

    private static Set<Scope> scopes(List<String> words) {
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        words.forEach(word -> scopes.add(Scope.valueOf(word.toUpperCase(Locale.ROOT))));
        return scopes;
    }
}
