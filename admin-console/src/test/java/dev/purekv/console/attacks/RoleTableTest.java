package dev.purekv.console.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.Visitor;
import dev.purekv.console.people.KnownPeople;
import dev.purekv.console.people.Role;
import java.net.http.HttpResponse;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who may ask for what: a table of every mapping, held against the running console. */
class RoleTableTest {
    /** The least that is asked for. */
    private enum Least {
        NOBODY,
        VIEWER,
        OPERATOR,
        ADMIN
    }

    private static final Map<Least, List<String>> TABLE = Map.of(
            Least.NOBODY,
            List.of("GET /login"),
            Least.VIEWER,
            List.of(
                    "GET /",
                    "GET /error",
                    "GET /models",
                    "GET /models/table",
                    "GET /models/{model}",
                    "GET /models/{model}/tuning",
                    "GET /models/{model}/history",
                    "GET /models/{model}/history/list",
                    "GET /playground",
                    "GET /playground/samples/{model}/{name}",
                    "GET /evaluations",
                    "GET /evaluations/{id}",
                    "GET /evaluations/{id}/progress",
                    "GET /evaluations/{id}/files/{name}",
                    "GET /live",
                    "GET /live/requests",
                    "GET /live/log",
                    "GET /live/hour.json",
                    "GET /remote",
                    "GET /remote/table",
                    "GET /remote/endpoints/{name}",
                    "GET /remote/endpoints/{name}/part",
                    "GET /remote/groups/{group}",
                    "GET /remote/groups/{group}/part",
                    "GET /remote/groups/{group}/tuning/{model}",
                    "GET /password",
                    "POST /password"),
            Least.OPERATOR,
            List.of(
                    "POST /error",
                    "POST /models/{model}/load",
                    "POST /models/{model}/unload",
                    "POST /models/{model}/tuning",
                    "POST /models/{model}/tuning/preview",
                    "POST /models/{model}/history/{id}/restore",
                    "POST /playground/ask",
                    "POST /playground/cancel",
                    "POST /evaluations",
                    "POST /evaluations/questions",
                    "POST /evaluations/questions/remove",
                    "POST /evaluations/{id}/cancel",
                    "POST /evaluations/{id}/resume",
                    "POST /live/cancel",
                    "POST /live/level",
                    "POST /live/drain",
                    "POST /remote/endpoints/{name}/models/{model}/load",
                    "POST /remote/endpoints/{name}/models/{model}/unload",
                    "POST /remote/groups/{group}/tuning/{model}",
                    "POST /remote/groups/{group}/tuning/{model}/preview",
                    "POST /remote/groups/{group}/withdraw",
                    "POST /remote/groups/{group}/states/{id}/again"),
            Least.ADMIN,
            List.of(
                    "GET /people",
                    "POST /people",
                    "POST /people/{name}",
                    "POST /people/{name}/password",
                    "GET /audit",
                    "GET /audit/audit.csv",
                    "GET /audit/audit.json",
                    "GET /keys",
                    "POST /remote/endpoints",
                    "POST /remote/endpoints/{name}",
                    "POST /remote/endpoints/{name}/remove",
                    "POST /keys",
                    "POST /keys/{name}/revoke"));

    private static RunningConsole console;
    private static final Map<Least, Visitor> VISITORS = new EnumMap<>(Least.class);

    @BeforeAll
    static void start() {
        console = RunningConsole.start();
        Visitor stranger = new Visitor(console);
        stranger.get("/login");
        VISITORS.put(Least.NOBODY, stranger);
        VISITORS.put(Least.VIEWER, KnownPeople.loggedIn(console, Role.VIEWER));
        VISITORS.put(Least.OPERATOR, KnownPeople.loggedIn(console, Role.OPERATOR));
        VISITORS.put(Least.ADMIN, KnownPeople.loggedIn(console, Role.ADMIN));
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @Test
    void namesEveryMappingOnce() {
        assertThat(TABLE.values().stream().flatMap(List::stream))
                .containsExactlyInAnyOrderElementsOf(
                        Mapping.all(console).stream().map(Mapping::toString).toList());
    }

    @Test
    void everyMappingAnswersThoseItIsForAndNobodyElse() {
        SoftAssertions all = new SoftAssertions();
        for (Mapping mapping : Mapping.all(console)) {
            Least least = least(mapping);
            VISITORS.forEach((role, visitor) -> {
                HttpResponse<String> answer =
                        mapping.reads() ? visitor.get(mapping.path()) : visitor.post(mapping.path());
                String judged = judged(answer);
                String expected = role.compareTo(least) >= 0 ? "answered" : role == Least.NOBODY ? "login" : "refused";
                all.assertThat(judged).as("%s as %s", mapping, role).isEqualTo(expected);
            });
        }
        all.assertAll();
    }

    @Test
    void noFormIsTakenWithoutItsPagesToken() {
        List<Mapping> forms =
                Mapping.all(console).stream().filter(each -> !each.reads()).toList();
        console.server.control.clear();
        console.server.draining.set(false);
        SoftAssertions all = new SoftAssertions();
        for (Mapping mapping : forms) {
            VISITORS.forEach(
                    (role, visitor) -> all.assertThat(visitor.postRaw(mapping.path(), "role=admin&enabled=true")
                                    .statusCode())
                            .as("%s as %s", mapping, role)
                            .isEqualTo(403));
        }
        for (String ofTheFramework : List.of("/login", "/logout")) {
            all.assertThat(VISITORS.get(Least.ADMIN)
                            .postRaw(ofTheFramework, "username=a&password=b")
                            .statusCode())
                    .as(ofTheFramework)
                    .isEqualTo(403);
        }
        all.assertAll();
        assertThat(forms).hasSizeGreaterThan(20);
        assertThat(console.server.control).isEmpty();
        assertThat(console.server.draining).isFalse();
    }

    @Test
    void noPathLeadsAroundTheTable() {
        Visitor viewer = VISITORS.get(Least.VIEWER);
        for (String path : List.of(
                "/people/",
                "//people",
                "/people;x=1",
                "/PEOPLE",
                "/%70eople",
                "/models/../people",
                "/people.html",
                "/models/%2e%2e/people",
                "/./people",
                "/people%2f",
                "/keys/",
                "/audit/audit.csv/",
                "/audit/audit.csv;a")) {
            HttpResponse<String> answer = viewer.get(path);

            assertThat(answer.statusCode()).as(path).isIn(400, 403, 404);
            assertThat(answer.body()).as(path).doesNotContain("Add somebody", "chief", ",login,");
        }
    }

    @Test
    void refusalsAreInTheAuditLog() {
        VISITORS.get(Least.VIEWER).get("/people?x=%3Cb%3E");
        VISITORS.get(Least.OPERATOR).postRaw("/live/drain", "");

        assertThat(VISITORS.get(Least.ADMIN).get("/audit/audit.csv").body())
                .contains("\"viewer\",\"127.0.0.1\",\"access\",\"GET /people\",\"refused\",\"not for this role\"")
                .contains("\"POST /live/drain\",\"refused\",\"without the page's token\"");
    }

    private static Least least(Mapping mapping) {
        return TABLE.entrySet().stream()
                .filter(each -> each.getValue().contains(mapping.toString()))
                .map(Map.Entry::getKey)
                .collect(Collectors.collectingAndThen(
                        Collectors.toList(), found -> found.isEmpty() ? Least.NOBODY : found.get(0)));
    }

    private static String judged(HttpResponse<String> answer) {
        if (answer.statusCode() == 403) {
            return "refused";
        }
        boolean toLogin = answer.statusCode() == 302
                && answer.headers().firstValue("Location").equals(java.util.Optional.of("/login"));
        return toLogin ? "login" : "answered";
    }
}
