package dev.purekv.console.login;

import java.util.ArrayList;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** The page that asks for name and password, or leads to an identity provider. */
@Controller
class LoginController {
    private final List<ClientRegistration> providers = new ArrayList<>();

    LoginController(ObjectProvider<ClientRegistrationRepository> registrations) {
        if (registrations.getIfAvailable() instanceof Iterable<?> all) {
            all.forEach(each -> providers.add((ClientRegistration) each));
        }
    }

    @GetMapping("/login")
    String show(
            @RequestParam(required = false) String failed,
            @RequestParam(required = false) String provider,
            @RequestParam(required = false) String changed,
            @RequestParam(required = false) String out,
            Model page) {
        page.addAttribute("providers", providers);
        if (failed != null) {
            page.addAttribute(
                    "problem",
                    "Name or password is wrong, or the account is locked for a while after too many wrong passwords.");
        } else if (provider != null) {
            page.addAttribute("problem", "The identity provider did not let you in.");
        } else if (changed != null) {
            page.addAttribute("said", "Your password was changed: log in with it.");
        } else if (out != null) {
            page.addAttribute("said", "You are logged out.");
        }
        return "login";
    }
}
