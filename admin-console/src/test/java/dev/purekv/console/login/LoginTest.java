package dev.purekv.console.login;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.Visitor;
import dev.purekv.console.controllers.Speaks;
import dev.purekv.console.people.KnownPeople;
import dev.purekv.console.people.Role;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@Speaks(to = LoginController.class)
class LoginTest {
    private static RunningConsole console;

    @BeforeAll
    static void start() {
        console = RunningConsole.start();
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @Test
    void sendsStrangersToTheLogin() {
        for (String path : new String[] {"/", "/models", "/people", "/audit", "/keys", "/nothing"}) {
            HttpResponse<String> response = new Visitor(console).get(path);

            assertThat(response.statusCode()).as(path).isEqualTo(302);
            assertThat(response.headers().firstValue("Location")).hasValue("/login");
        }
    }

    @Test
    void takesAPartThatRefreshesItselfToTheLoginAsAWhole() {
        HttpResponse<String> response = new Visitor(console).get("/models", "HX-Request", "true");

        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(response.headers().firstValue("HX-Redirect")).hasValue("/login");
    }

    @Test
    void leadsToNoAddressOfAnyoneElse() {
        Visitor visitor = new Visitor(console);
        KnownPeople.add(console, "redirected", Role.VIEWER);
        visitor.get("/models?continue=https://evil.example/", "Referer", "https://evil.example/");
        visitor.get("/login?continue=https://evil.example/&redirect=//evil.example");

        HttpResponse<String> response = visitor.post(
                "/login?continue=https://evil.example/",
                "username",
                "redirected",
                "password",
                KnownPeople.PASSWORD,
                "spring-security-redirect",
                "https://evil.example/");

        assertThat(response.headers().firstValue("Location")).hasValue("/");
    }

    @Test
    void givesASessionAnotherNameAtTheLogin() {
        Visitor visitor = new Visitor(console);
        KnownPeople.add(console, "fixed", Role.VIEWER);
        visitor.get("/login");
        String before = visitor.session();

        visitor.login("fixed", KnownPeople.PASSWORD);

        assertThat(before).isNotNull();
        assertThat(visitor.session()).isNotNull().isNotEqualTo(before);
    }

    @Test
    void keepsTheSessionsCookieFromScriptsAndOtherSites() {
        HttpResponse<String> response = new Visitor(console).get("/login");

        assertThat(response.headers().firstValue("Set-Cookie").orElseThrow()).contains("HttpOnly", "SameSite=Lax");
    }

    @Test
    void refusesALoginWithoutItsPagesToken() {
        Visitor visitor = new Visitor(console);
        KnownPeople.add(console, "tokenless", Role.VIEWER);
        visitor.get("/login");

        HttpResponse<String> response =
                visitor.postRaw("/login", "username=tokenless&password=" + KnownPeople.PASSWORD.replace(" ", "+"));

        assertThat(response.statusCode()).isEqualTo(403);
        assertThat(visitor.get("/models").statusCode()).isEqualTo(302);
    }

    @Test
    void saysTheSameOfAWrongNameAndAWrongPassword() {
        KnownPeople.add(console, "known", Role.VIEWER);

        HttpResponse<String> wrongName = new Visitor(console).login("unknown", KnownPeople.PASSWORD);
        HttpResponse<String> wrongPassword = new Visitor(console).login("known", "wrong");

        assertThat(wrongName.headers().firstValue("Location")).hasValue("/login?failed");
        assertThat(wrongPassword.headers().firstValue("Location")).hasValue("/login?failed");
    }

    @Test
    void locksAnAccountAfterFiveWrongPasswordsInARow() {
        KnownPeople.add(console, "locked", Role.VIEWER);
        for (int i = 0; i < 4; i++) {
            new Visitor(console).login("locked", "wrong");
        }
        assertThat(new Visitor(console)
                        .login("locked", KnownPeople.PASSWORD)
                        .headers()
                        .firstValue("Location"))
                .as("four are not enough, and a right one begins the count anew")
                .hasValue("/");
        for (int i = 0; i < 5; i++) {
            new Visitor(console).login("LOCKED", "wrong");
        }

        assertThat(new Visitor(console)
                        .login("locked", KnownPeople.PASSWORD)
                        .headers()
                        .firstValue("Location"))
                .hasValue("/login?failed");
    }

    @Test
    void endsTheSessionAtTheLogout() {
        Visitor visitor = new Visitor(console);
        KnownPeople.add(console, "leaving", Role.VIEWER);
        visitor.login("leaving", KnownPeople.PASSWORD);
        assertThat(visitor.get("/models").statusCode()).isEqualTo(200);

        visitor.post("/logout");

        assertThat(visitor.get("/models").statusCode()).isEqualTo(302);
    }

    @Test
    void allowsNoScriptButItsOwnFiles() {
        HttpResponse<String> response = new Visitor(console).get("/login");

        assertThat(response.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(response.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(response.body()).doesNotContain("<script>", " style=", "onclick=");
    }

    @Test
    void servesItsStyleAndScriptsToTheLogin() {
        Visitor stranger = new Visitor(console);

        for (String path : new String[] {
            "/app.css", "/icon.svg", "/scripts/theme.js", "/scripts/console.js", "/webjars/htmx.org/dist/htmx.min.js"
        }) {
            assertThat(stranger.get(path).statusCode()).as(path).isEqualTo(200);
        }
    }
}
