package dev.purekv.console.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.Visitor;
import dev.purekv.console.people.KnownPeople;
import dev.purekv.console.people.Role;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console on a real PostgreSQL server, once through everything that it stores. The other tests use H2. */
class PostgresTest {
    private static final Pattern SEEN = Pattern.compile("name=\"seen\" value=\"([0-9a-f]{64})\"");

    @TempDir
    Path repository;

    @Test
    void keepsPeopleAuditLogAndHistoryInPostgres() throws IOException {
        Files.createDirectories(repository.resolve("fake"));
        Path file = Files.writeString(repository.resolve("fake/config.pbtxt"), "backend: \"purekv\"\n");
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            String url = "spring.datasource.url=" + postgres.getJdbcUrl("postgres", "postgres");
            try (RunningConsole console = RunningConsole.start(url, "purekv.model-repository=" + repository)) {
                Visitor admin = KnownPeople.loggedIn(console, Role.ADMIN);
                locksAnAccount(console);
                admin.post("/people/viewer", "role", "operator", "enabled", "true");
                tunes(admin);
                assertThat(file).content().contains("string_value: \"5\"");
                assertThat(admin.get("/audit?actor=VIEWER&since=2020-01-01").body())
                        .contains("the account is locked");
                assertThat(admin.get("/audit?subject=AK&action=tune").body())
                        .contains("compression_ratio: default -&gt; 5");
            }
            try (RunningConsole again = RunningConsole.start(url, "purekv.model-repository=" + repository)) {
                Visitor admin = new Visitor(again);
                admin.login("admin", KnownPeople.PASSWORD);
                assertThat(admin.get("/models/fake/history").body()).contains("for posterity", ">loaded<");
                assertThat(admin.get("/people").body()).contains("viewer", "locked for a while");
            }
        }
    }

    private static void locksAnAccount(RunningConsole console) {
        KnownPeople.add(console, "viewer", Role.VIEWER);
        for (int i = 0; i < 5; i++) {
            new Visitor(console).login("Viewer", "wrong");
        }
        assertThat(new Visitor(console)
                        .login("viewer", KnownPeople.PASSWORD)
                        .headers()
                        .firstValue("Location"))
                .hasValue("/login?failed");
    }

    private static void tunes(Visitor admin) {
        Matcher seen = SEEN.matcher(admin.get("/models/fake/tuning").body());
        assertThat(seen.find()).isTrue();
        admin.post("/models/fake/tuning", "seen", seen.group(1), "compression_ratio", "5", "reason", "for posterity");
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> admin.get("/models/fake/history").body().contains(">loaded<"));
    }
}
