package dev.purekv.console.audit;

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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Speaks(to = AuditController.class)
class AuditPageTest {
    private static RunningConsole console;
    private static Visitor admin;

    @BeforeAll
    static void start() {
        console = RunningConsole.start();
        admin = KnownPeople.loggedIn(console, Role.ADMIN);
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @Test
    void notesLoginsGoodAndBad() {
        KnownPeople.add(console, "noted", Role.VIEWER);
        new Visitor(console).login("noted", "wrong");
        new Visitor(console).login("noted", KnownPeople.PASSWORD);

        JsonNode entries = json("/audit/audit.json?actor=noted");

        assertThat(entries.get(0).get("outcome").asString()).isEqualTo("done");
        assertThat(entries.get(1).get("outcome").asString()).isEqualTo("refused");
        assertThat(entries.get(0).get("address").asString()).isEqualTo("127.0.0.1");
    }

    @Test
    void showsMarkupInNamesAsText() {
        new Visitor(console).login("<img src=x onerror=alert(1)>", "wrong");

        assertThat(admin.get("/audit").body())
                .contains("&lt;img src=x onerror=alert(1)&gt;")
                .doesNotContain("<img src=x");
    }

    @Test
    void keepsFormulasInItsCsvFromRunning() {
        new Visitor(console).login("=cmd|'/C calc'!A1", "wrong\"");

        HttpResponse<String> csv = admin.get("/audit/audit.csv");

        assertThat(csv.headers().firstValue("Content-Disposition").orElseThrow())
                .isEqualTo("attachment; filename=\"audit.csv\"");
        assertThat(csv.body()).contains(",\"'=cmd|'/C calc'!A1\",").doesNotContain(",\"=cmd");
    }

    @Test
    void filtersByWhoWhatAndWhen() {
        console.bean(Audit.class).doneBy("ann", "load", "model_a", "");
        console.bean(Audit.class).doneBy("ann", "unload", "modelXa", "");
        console.bean(Audit.class).doneBy("bob", "load", "model_a", "");

        assertThat(json("/audit/audit.json?actor=ANN")).hasSize(2);
        assertThat(json("/audit/audit.json?actor=ann&action=load")).hasSize(1);
        assertThat(json("/audit/audit.json?subject=L_A")).as("_ is no wildcard").hasSize(2);
        assertThat(json("/audit/audit.json?actor=ann&until=2020-01-01")).isEmpty();
        assertThat(json("/audit/audit.json?actor=ann&since=2020-01-01")).hasSize(2);
        assertThat(json("/audit/audit.json?actor=ann&since=not-a-day")).hasSize(2);
    }

    @Test
    void saysWhatToDoWhereNothingFits() {
        assertThat(admin.get("/audit?actor=nobody-at-all").body()).contains("Nothing fits this filter");
    }

    @Test
    void cutsWhatIsTooLong() {
        console.bean(Audit.class).doneBy("long", "load", "m".repeat(5000), "d".repeat(5000) + "\0");

        JsonNode entry = json("/audit/audit.json?actor=long").get(0);

        assertThat(entry.get("subject").asString()).hasSize(256).endsWith("...");
        assertThat(entry.get("detail").asString()).hasSize(4000);
    }

    private static JsonNode json(String path) {
        return JsonMapper.builder().build().readTree(admin.get(path).body());
    }
}
