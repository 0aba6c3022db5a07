package dev.purekv.console.remote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.Visitor;
import dev.purekv.console.doors.Door;
import dev.purekv.console.people.KnownPeople;
import dev.purekv.console.people.Role;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** An endpoint that is registered becomes another. */
class EndpointChangeTest {
    private static final String NOBODY = "http://127.0.0.1:1";
    private static final String KEY = "kv-0123456789-secret";
    private static final String PAGE = "/remote/endpoints/one";

    private static RunningConsole console;
    private static String address;
    private static Visitor admin;

    @BeforeAll
    static void start() {
        console = RunningConsole.start("purekv.remote.watch-interval=1s");
        address = "http://127.0.0.1:" + console.port(Door.KSERVE);
        admin = KnownPeople.loggedIn(console, Role.ADMIN);
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @AfterEach
    void forget() {
        console.bean(Endpoints.class).remove("one");
    }

    private static void register(String where, String key) {
        admin.post("/remote/endpoints", "name", "one", "address", where, "key", key, "group", "pair");
    }

    private static HttpResponse<String> change(String... fields) {
        return admin.post(PAGE, fields);
    }

    private static Endpoint one() {
        return console.bean(Endpoints.class).one("one");
    }

    private static void await(String part) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> admin.get(PAGE + "/part").body().contains(part));
    }

    @Test
    void addressAndGroupChangeInPlace() {
        register(NOBODY, "");
        await("the connection was refused");

        HttpResponse<String> answer = change("address", address, "group", "other");

        assertThat(answer.body()).contains("Changed;", "value=\"other\"");
        await(">ready<");
        assertThat(one().group()).isEqualTo("other");
        assertThat(admin.get("/audit?action=change+endpoint").body())
                .contains("address: " + NOBODY + " -&gt; " + address, "group: pair -&gt; other");
        change("address", address);
        assertThat(one().group()).as("of its own").isEqualTo("one");
    }

    @Test
    void aBlankKeyKeepsThePresentOne() {
        register(address, KEY);

        HttpResponse<String> answer = change("address", address + "/prefix", "key", " ", "group", "pair");

        assertThat(one().key()).isEqualTo(KEY);
        assertThat(one().address().text()).isEqualTo(address + "/prefix");
        assertThat(answer.body()).contains("with a key").doesNotContain(KEY);
        assertThat(admin.get("/audit").body()).doesNotContain(KEY);
    }

    @Test
    void aKeyGoesToNoOtherServerThanItWasGivenFor() {
        register(address, KEY);
        for (String elsewhere : new String[] {NOBODY, address.replace("http:", "https:"), Address.HERE}) {
            HttpResponse<String> answer = change("address", elsewhere, "group", "pair");

            assertThat(answer.body()).as(elsewhere).contains("Nothing was changed: API key: the present one was given");
            assertThat(one().address().text()).isEqualTo(address);
            assertThat(one().key()).isEqualTo(KEY);
        }
        assertThat(admin.get("/audit?action=change+endpoint").body())
                .contains(">refused<", "the present one was given");

        change("address", NOBODY, "key", "another", "group", "pair");
        assertThat(one().key()).isEqualTo("another");
        assertThat(admin.get("/audit?action=change+endpoint").body()).contains("another key");
        change("address", address, "without", "true", "group", "pair");
        assertThat(one().hasKey()).isFalse();
        assertThat(admin.get("/audit?action=change+endpoint").body()).contains("without a key from now on");
    }

    @Test
    void isJudgedAsAtRegistration() {
        register(address, "");
        String evil = "file:///etc/<b>passwd</b>";

        assertThat(change("address", evil, "group", "pair").body())
                .contains("expected http(s)://host:port", "value=\"file:///etc/&lt;b&gt;passwd")
                .doesNotContain("<b>passwd");
        assertThat(change("address", address, "group", "a b").body()).contains("group: expected 1 to 64");
        assertThat(change("address", address, "key", "a\r\nX-Other: b").body()).contains("visible characters");
        assertThat(change("address", Address.HERE, "key", KEY).body()).contains("needs none");
        assertThat(one().address().text()).isEqualTo(address);
        assertThat(one().group()).isEqualTo("pair");
        assertThat(admin.post("/remote/endpoints/none", "address", address).statusCode())
                .isEqualTo(404);
    }

    @Test
    void isForAdministrators() {
        register(address, KEY);
        for (Role role : new Role[] {Role.OPERATOR, Role.VIEWER}) {
            Visitor other = KnownPeople.loggedIn(console, role);
            assertThat(other.post(PAGE, "address", NOBODY, "without", "true").statusCode())
                    .isEqualTo(403);
            assertThat(other.get(PAGE).body()).doesNotContain("Change this endpoint");
        }
        assertThat(admin.postRaw(PAGE, "address=" + NOBODY).statusCode()).isEqualTo(403);
        assertThat(one().key()).isEqualTo(KEY);
        assertThat(admin.get(PAGE).body()).contains("Change this endpoint").doesNotContain(KEY);
    }
}
