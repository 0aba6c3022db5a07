package dev.purekv.console.remote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.Visitor;
import dev.purekv.console.controllers.Speaks;
import dev.purekv.console.doors.Door;
import dev.purekv.console.people.KnownPeople;
import dev.purekv.console.people.Role;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The pages of a console that watches another console's server, over HTTP. */
@Speaks(to = {RemoteController.class, GroupController.class})
class RemotePageTest {
    private static final String FRESH = "{\"name\":\"fake\",\"backend\":\"purekv\"}";
    private static final Pattern SEEN = Pattern.compile("name=\"seen\" value=\"(\\d+)\"");

    private static RunningConsole console;
    private static RunningConsole elsewhere;
    private static String address;
    private static Visitor admin;
    private static Visitor operator;
    private static Visitor viewer;

    @BeforeAll
    static void start() {
        console = RunningConsole.start("purekv.remote.watch-interval=1s");
        elsewhere = RunningConsole.start();
        address = "http://127.0.0.1:" + elsewhere.port(Door.KSERVE);
        admin = KnownPeople.loggedIn(console, Role.ADMIN);
        operator = KnownPeople.loggedIn(console, Role.OPERATOR);
        viewer = KnownPeople.loggedIn(console, Role.VIEWER);
    }

    @AfterAll
    static void stop() {
        console.close();
        elsewhere.close();
    }

    @AfterEach
    void startAnew() {
        console.bean(Groups.class).withdraw("pair", "fake", "test");
        console.bean(Endpoints.class)
                .all()
                .forEach(each -> console.bean(Endpoints.class).remove(each.name()));
        elsewhere.server.config.set(FRESH);
        elsewhere.server.loadFailure.set(null);
        elsewhere.server.load("fake", Map.of());
        elsewhere.server.control.clear();
        console.server.config.set(FRESH);
        console.server.control.clear();
    }

    @Test
    void saysWhatToDoFirst() {
        assertThat(viewer.get("/remote").body()).contains("No endpoint yet: an administrator registers");
        assertThat(admin.get("/remote").body()).contains("Register a Triton");
        assertThat(viewer.get("/remote").body()).doesNotContain("Register a Triton");
    }

    @Test
    void showsWhatAnEndpointServesAndLoadsIt() {
        register("one", address, "pair");

        String page = await("/remote/endpoints/one", ">ready<");
        assertThat(page)
                .contains("Triton 2.51.0", "no weights", "&lt;b&gt;odd&lt;/b&gt;")
                .doesNotContain("<b>odd");
        operator.post("/remote/endpoints/one/models/fake/load");
        await("/remote/endpoints/one", "loaded in");
        operator.post("/remote/endpoints/one/models/talker/load");
        await("/remote/endpoints/one", "asked by operator");

        assertThat(elsewhere.server.control).contains("load fake null ");
        assertThat(operator.post("/remote/endpoints/one/models/none/load").statusCode())
                .isEqualTo(404);
        assertThat(operator.get("/remote/endpoints/none").statusCode()).isEqualTo(404);
        assertThat(operator.get("/remote/groups/none").statusCode()).isEqualTo(404);
    }

    @Test
    void unloadsThereAndForgetsAnEndpoint() {
        register("one", address, "pair");
        await("/remote/endpoints/one/part", ">ready<");

        operator.post("/remote/endpoints/one/models/fake/unload");
        await("/remote/endpoints/one/part", "unloaded in");
        assertThat(elsewhere.server.control).contains("unload fake false");
        assertThat(admin.post("/remote/endpoints/one", "address", address, "group", "pair")
                        .body())
                .contains("Changed;");
        assertThat(viewer.get("/remote/table").body()).contains(">one<").doesNotContain("<html");
        admin.post("/remote/endpoints/one/remove");

        assertThat(viewer.get("/remote/table").body())
                .contains("No endpoint yet")
                .doesNotContain(">one<");
        assertThat(viewer.get("/remote/endpoints/one/part").statusCode()).isEqualTo(404);
        assertThat(admin.get("/audit?subject=one").body()).contains(">remove endpoint<", "as it was");
    }

    @Test
    void bringsAChangeToEachEndpointOfAGroupAndSaysHowEachStands() {
        register("one", address, "pair");
        register("two", Address.HERE, "pair");
        register("gone", "http://127.0.0.1:1", "pair");
        await("/remote/endpoints/one", ">ready<");
        await("/remote/endpoints/two", ">ready<");

        assertThat(want("5", "a fifth").statusCode()).isEqualTo(302);
        String page = await("/remote/groups/pair", "(?s)>as wanted<.*>as wanted<");

        assertThat(page).contains("compression_ratio: 5", "a fifth", "not reached", "the connection was refused");
        assertThat(page).contains("compression_ratio: default -&gt; 5");
        assertThat(viewer.get("/remote/groups/pair/part").body())
                .contains("compression_ratio: 5")
                .doesNotContain("<html", "Withdraw</button>");
        assertThat(elsewhere.server.config.get()).contains("\"compression_ratio\":{\"string_value\":\"5\"}");
        assertThat(console.server.config.get()).contains("\"compression_ratio\":{\"string_value\":\"5\"}");
        assertThat(admin.get("/audit?action=want").body()).contains("pair/fake", ">operator<");
    }

    @Test
    void bringsBackAnEndpointThatDiffersUntilTheWishIsWithdrawn() {
        register("one", address, "pair");
        await("/remote/endpoints/one", ">ready<");
        want("5", "");
        await("/remote/groups/pair", ">as wanted<");

        elsewhere.server.config.set(FRESH);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> elsewhere.server.config.get().contains("compression_ratio"));
        await("/audit?action=bring+to+wanted&actor=(watch)", "one/fake");

        operator.post("/remote/groups/pair/withdraw", "model", "fake");
        elsewhere.server.config.set(FRESH);
        elsewhere.server.control.clear();
        String later = looks("one", 2);
        assertThat(later).contains(">ready<");
        assertThat(elsewhere.server.control).isEmpty();

        String history = operator.get("/remote/groups/pair").body();
        Matcher earlier = Pattern.compile("/states/(\\d+)/again").matcher(history);
        assertThat(earlier.find()).isTrue();
        operator.post("/remote/groups/pair/states/" + earlier.group(1) + "/again");
        assertThat(await("/remote/groups/pair", ">as wanted<")).contains("back to state " + earlier.group(1));
    }

    @Test
    void tellsARefusalInItsWordsAndTriesAgain() {
        register("one", address, "pair");
        await("/remote/endpoints/one", ">ready<");
        elsewhere.server.loadFailure.set("no room for <it>");

        want("5", "");
        assertThat(await("/remote/groups/pair", ">refused<")).contains("no room for &lt;it&gt;", "again after");

        elsewhere.server.loadFailure.set(null);
        await("/remote/groups/pair", ">as wanted<");
    }

    @Test
    void judgesAChangeBeforeAnybodyIsAsked() {
        register("one", address, "pair");
        await("/remote/endpoints/one", ">ready<");

        HttpResponse<String> preview =
                operator.post("/remote/groups/pair/tuning/fake/preview", "seen", "0", "compression_ratio", "0.2");
        want("0.2", "");

        assertThat(preview.statusCode()).isEqualTo(422);
        assertThat(preview.body()).contains("must be at least 1, got 0.2");
        assertThat(operator.get("/remote/groups/pair").body()).contains("must be at least 1, got 0.2");
        assertThat(elsewhere.server.control).isEmpty();
        assertThat(operator.post("/remote/groups/pair/tuning/fake/preview", "seen", "0", "compression_ratio", "4")
                        .body())
                .contains("<del>default</del>", "<ins>4</ins>", "Apply to the group");
    }

    @Test
    void tellsTheSecondOfTwoOperators() {
        register("one", address, "pair");
        await("/remote/endpoints/one", ">ready<");
        String seenByBoth = seen();
        want("5", "");

        operator.post("/remote/groups/pair/tuning/fake", "seen", seenByBoth, "compression_ratio", "9");

        assertThat(operator.get("/remote/groups/pair").body()).contains("changed while you looked, by operator");
        assertThat(await("/remote/groups/pair", ">as wanted<")).contains("compression_ratio: 5");
    }

    @Test
    void keepsAKeyThatNobodySeesAgain() {
        String key = "kv-0123456789-secret";
        HttpResponse<String> answer =
                admin.post("/remote/endpoints", "name", "one", "address", address, "key", key, "group", "");
        JdbcClient store = console.bean(JdbcClient.class);
        String sealed = store.sql("select sealed_key from endpoint where name = 'one'")
                .query(String.class)
                .single();

        assertThat(sealed).isNotEmpty().doesNotContain(key);
        assertThat(console.bean(Endpoints.class).one("one").key()).isEqualTo(key);
        assertThat(console.bean(Endpoints.class).one("one").toString()).doesNotContain(key);
        assertThat(answer.body()).contains("with a key").doesNotContain(key);
        assertThat(admin.get("/audit").body()).contains("with a key").doesNotContain(key);

        store.sql("update endpoint set address = 'http://127.0.0.1:1' where name = 'one'")
                .update();
        assertThat(console.bean(Endpoints.class).one("one").key())
                .as("for another address than it was given for")
                .isNull();
        await("/remote/endpoints/one", "its API key cannot be read");
    }

    @Test
    void refusesWhatNamesNothing() {
        HttpResponse<String> name =
                admin.post("/remote/endpoints", "name", "<script>alert(1)</script>", "address", address);
        HttpResponse<String> place =
                admin.post("/remote/endpoints", "name", "one", "address", "file:///etc/<b>passwd</b>");
        HttpResponse<String> key =
                admin.post("/remote/endpoints", "name", "one", "address", address, "key", "a\r\nX-Other: b");
        register("one", address, "pair");
        HttpResponse<String> twice = admin.post("/remote/endpoints", "name", "one", "address", address);

        assertThat(name.body()).contains("expected 1 to 64 letters").doesNotContain("<script>alert");
        assertThat(place.body()).contains("expected http(s)://host:port").doesNotContain("<b>passwd");
        assertThat(key.body()).contains("visible characters without spaces");
        assertThat(twice.body()).contains("there is an endpoint &#39;one&#39; already");
    }

    @Test
    void letsEveryoneDoWhatTheyMayAlone() {
        register("one", address, "pair");
        await("/remote/endpoints/one", ">ready<");

        for (Visitor each : new Visitor[] {operator, viewer}) {
            assertThat(each.post("/remote/endpoints", "name", "two", "address", address)
                            .statusCode())
                    .isEqualTo(403);
            assertThat(each.post("/remote/endpoints/one/remove").statusCode()).isEqualTo(403);
        }
        for (String path : new String[] {
            "/remote/endpoints/one/models/fake/load",
            "/remote/endpoints/one/models/fake/unload",
            "/remote/groups/pair/tuning/fake/preview",
            "/remote/groups/pair/tuning/fake",
            "/remote/groups/pair/withdraw",
            "/remote/groups/pair/states/1/again"
        }) {
            assertThat(viewer.post(path, "model", "fake", "seen", "0", "compression_ratio", "5")
                            .statusCode())
                    .as(path)
                    .isEqualTo(403);
            assertThat(operator.postRaw(path, "model=fake&seen=0").statusCode())
                    .as(path + " from another page")
                    .isEqualTo(403);
        }
        for (String path : new String[] {
            "/remote", "/remote/endpoints/one", "/remote/groups/pair", "/remote/groups/pair/tuning/fake"
        }) {
            assertThat(viewer.get(path).statusCode()).as(path).isEqualTo(200);
            assertThat(viewer.get(path).body()).as(path).doesNotContain("Reload", ">Remove<", "Preview</button>");
            assertThat(new Visitor(console).get(path).statusCode()).as(path).isEqualTo(302);
        }
        assertThat(elsewhere.server.control).isEmpty();
    }

    private static void register(String name, String address, String group) {
        assertThat(admin.post("/remote/endpoints", "name", name, "address", address, "group", group)
                        .body())
                .contains(name + " is registered");
    }

    private static String seen() {
        Matcher seen =
                SEEN.matcher(operator.get("/remote/groups/pair/tuning/fake").body());
        assertThat(seen.find()).isTrue();
        return seen.group(1);
    }

    private static HttpResponse<String> want(String ratio, String reason) {
        return operator.post(
                "/remote/groups/pair/tuning/fake", "seen", seen(), "compression_ratio", ratio, "reason", reason);
    }

    private static String await(String path, String part) {
        Pattern wanted = Pattern.compile(part);
        return Awaitility.await(path)
                .atMost(Duration.ofSeconds(20))
                .until(
                        () -> admin.get(path).body(),
                        page -> wanted.matcher(page).find());
    }

    /** @return the page of an endpoint once somebody looked at it so many times more */
    private static String looks(String endpoint, int times) {
        Standings standings = console.bean(Standings.class);
        for (int i = 0; i < times; i++) {
            Sight before = standings.sight(endpoint);
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> standings.sight(endpoint) != before);
        }
        return admin.get("/remote/endpoints/" + endpoint).body();
    }
}
