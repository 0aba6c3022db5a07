package dev.purekv.console.people;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.Visitor;
import dev.purekv.console.controllers.Speaks;
import java.net.http.HttpResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@Speaks(to = PeopleController.class)
class PeoplePageTest {
    private static final Pattern SECRET = Pattern.compile("class=\"secret\">(\\S{24})<");
    private static RunningConsole console;
    private static Visitor admin;

    @BeforeAll
    static void start() {
        console = RunningConsole.start();
        KnownPeople.add(console, "chief", Role.ADMIN);
        admin = new Visitor(console);
        admin.login("chief", KnownPeople.PASSWORD);
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @Test
    void addsSomebodyWhoChoosesTheirPasswordAtTheFirstLogin() {
        String password = added("newcomer", "operator");
        Visitor newcomer = new Visitor(console);

        newcomer.login("newcomer", password);

        assertThat(newcomer.get("/models").headers().firstValue("Location")).hasValue("/password");
    }

    @Test
    void replacesAPasswordThatSomebodyForgot() {
        KnownPeople.add(console, "forgetful", Role.VIEWER);
        Visitor forgetful = new Visitor(console);
        forgetful.login("forgetful", KnownPeople.PASSWORD);

        Matcher given = SECRET.matcher(admin.post("/people/forgetful/password").body());

        assertThat(given.find()).isTrue();
        assertThat(forgetful.get("/models").headers().firstValue("Location")).hasValue("/login");
        assertThat(forgetful.login("forgetful", KnownPeople.PASSWORD).headers().firstValue("Location"))
                .hasValue("/login?failed");
        forgetful.login("forgetful", given.group(1));
        assertThat(forgetful.get("/models").headers().firstValue("Location")).hasValue("/password");
        assertThat(admin.get("/audit?subject=forgetful").body())
                .contains("replaced by an administrator")
                .doesNotContain(given.group(1));
        assertThat(admin.post("/people/nobody/password").statusCode()).isEqualTo(404);
    }

    @Test
    void letsNobodyButAdministratorsIn() {
        Visitor operator = KnownPeople.loggedIn(console, Role.OPERATOR);
        Visitor viewer = KnownPeople.loggedIn(console, Role.VIEWER);

        for (Visitor each : new Visitor[] {operator, viewer}) {
            for (String path : new String[] {"/people", "/audit", "/audit/audit.csv", "/audit/audit.json", "/keys"}) {
                assertThat(each.get(path).statusCode()).as(path).isEqualTo(403);
            }
            assertThat(each.post("/people", "name", "friend", "role", "admin").statusCode())
                    .isEqualTo(403);
            assertThat(each.post("/people/viewer", "role", "admin", "enabled", "true")
                            .statusCode())
                    .isEqualTo(403);
            assertThat(each.post("/people/chief/password").statusCode()).isEqualTo(403);
        }
        assertThat(console.bean(People.class).find("friend")).isEmpty();
    }

    @Test
    void endsTheSessionsOfWhomeverItChanges() {
        KnownPeople.add(console, "demoted", Role.ADMIN);
        Visitor demoted = new Visitor(console);
        demoted.login("demoted", KnownPeople.PASSWORD);
        assertThat(demoted.get("/people").statusCode()).isEqualTo(200);

        admin.post("/people/demoted", "role", "viewer", "enabled", "true");
        assertThat(demoted.get("/people").statusCode()).isEqualTo(302);

        demoted.login("demoted", KnownPeople.PASSWORD);
        assertThat(demoted.get("/people").statusCode()).isEqualTo(403);
    }

    @Test
    void keepsDisabledPeopleOut() {
        KnownPeople.add(console, "gone", Role.VIEWER);

        admin.post("/people/gone", "role", "viewer");

        assertThat(new Visitor(console)
                        .login("gone", KnownPeople.PASSWORD)
                        .headers()
                        .firstValue("Location"))
                .hasValue("/login?failed");
    }

    @Test
    void refusesToChangeItsOwnRole() {
        admin.post("/people/chief", "role", "viewer", "enabled", "true");

        assertThat(admin.get("/people").body()).contains("Another administrator has to change your own role.");
        assertThat(console.bean(People.class).find("chief").orElseThrow().role())
                .isEqualTo(Role.ADMIN);
    }

    @Test
    void refusesNamesAndRolesThatAreNone() {
        HttpResponse<String> name = admin.post("/people", "name", "<script>alert(1)</script>", "role", "viewer");
        HttpResponse<String> role = admin.post("/people", "name", "somebody", "role", "root");

        assertThat(name.body()).contains("A name has 1 to 64").doesNotContain("<script>alert");
        assertThat(role.statusCode()).isEqualTo(400);
        assertThat(admin.post("/people/nobody", "role", "viewer").statusCode()).isEqualTo(404);
        assertThat(admin.post("/people", "name", "CHIEF", "role", "viewer").body())
                .contains("There is somebody of the name CHIEF already.");
    }

    @Test
    void refusesAFormOfAnotherPage() {
        assertThat(admin.postRaw("/people", "name=forged&role=admin").statusCode())
                .isEqualTo(403);
        assertThat(console.bean(People.class).find("forged")).isEmpty();
    }

    private static String added(String name, String role) {
        HttpResponse<String> response = admin.post("/people", "name", name, "role", role);
        Matcher secret = SECRET.matcher(response.body());
        assertThat(secret.find()).isTrue();
        assertThat(admin.get("/people").body()).doesNotContain(secret.group(1));
        return secret.group(1);
    }
}
