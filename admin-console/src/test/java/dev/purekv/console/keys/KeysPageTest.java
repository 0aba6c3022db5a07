package dev.purekv.console.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.Visitor;
import dev.purekv.console.controllers.Speaks;
import dev.purekv.console.doors.Door;
import dev.purekv.console.people.KnownPeople;
import dev.purekv.console.people.Role;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Speaks(to = KeysController.class)
class KeysPageTest {
    private static final Pattern SECRET = Pattern.compile("class=\"secret\">(purekv-[^<]+)<");

    @TempDir
    static Path folder;

    private static RunningConsole console;
    private static Visitor admin;

    @BeforeAll
    static void start() throws IOException {
        new KeyRing(folder.resolve("keys.json")).create("first", Set.of(Scope.METADATA), null);
        console = RunningConsole.start("purekv.keys-file=" + folder.resolve("keys.json"));
        admin = KnownPeople.loggedIn(console, Role.ADMIN);
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @Test
    void makesAKeyThatTheDoorsTakeAndRevokesIt() {
        HttpResponse<String> made = admin.post(
                "/keys", "name", "ci", "scopes", "metadata", "scopes", "inference", "requestsPerMinute", "60");
        Matcher secret = SECRET.matcher(made.body());
        assertThat(secret.find()).isTrue();
        String key = secret.group(1);
        assertThat(metadata(key)).isEqualTo(200);
        assertThat(admin.get("/keys").body()).contains(">ci<").doesNotContain(key);

        admin.post("/keys/ci/revoke");

        assertThat(metadata(key)).isEqualTo(401);
    }

    @Test
    void refusesNamesScopesAndLimitsThatAreNone() {
        assertThat(admin.post("/keys", "name", "<b>", "scopes", "metadata").body())
                .contains("the name of a key has 1 to 64")
                .doesNotContain("'<b>'");
        assertThat(admin.post("/keys", "name", "none").body()).contains("expected one or more of the scopes");
        assertThat(admin.post("/keys", "name", "x", "scopes", "health").body()).contains("expected one or more");
        assertThat(admin.post("/keys", "name", "x", "scopes", "metadata", "requestsPerMinute", "many")
                        .body())
                .contains("Requests a minute must be a whole number");
        assertThat(admin.post("/keys", "name", "first", "scopes", "metadata").body())
                .contains("is there already: revoke it first");
        assertThat(admin.post("/keys/none/revoke").statusCode()).isEqualTo(404);
    }

    @Test
    void listensToAdministratorsAlone() {
        Visitor operator = KnownPeople.loggedIn(console, Role.OPERATOR);

        assertThat(operator.get("/keys").statusCode()).isEqualTo(403);
        assertThat(operator.post("/keys", "name", "mine", "scopes", "repository")
                        .statusCode())
                .isEqualTo(403);
        assertThat(operator.post("/keys/first/revoke").statusCode()).isEqualTo(403);
        assertThat(admin.postRaw("/keys/first/revoke", "").statusCode()).isEqualTo(403);
        assertThat(admin.get("/keys").body()).contains(">first<").doesNotContain(">mine<");
    }

    private static int metadata(String key) {
        return console.send(console.request(Door.KSERVE, "/v2/models/fake").header("Authorization", "Bearer " + key))
                .statusCode();
    }
}
