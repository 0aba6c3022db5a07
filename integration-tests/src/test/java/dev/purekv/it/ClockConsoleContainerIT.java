package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The clock is set while people are logged in: forwards by an hour, and back by a day. */
@ExtendWith(NeedsDocker.class)
class ClockConsoleContainerIT {
    private static final List<Duration> JUMPS = List.of(Duration.ofHours(1), Duration.ofDays(-1));
    private static final String HISTORY = "/models/moving-digits/history";
    private static final Pattern LOADED = Pattern.compile("(?s)as it is now.*>loaded<|>loaded<.*as it is now");
    private static final Pattern GIVEN = Pattern.compile("<code class=\"secret\">(\\S{24})</code>");
    private static final int WRONG_ONES_THAT_LOCK = 5;

    @TempDir
    private static Path folder;

    private static JumpingClock clock;
    private static ServerContainer server;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        clock = JumpingClock.in(Files.createDirectory(folder.resolve("clock")));
        Path repository = folder.resolve("models");
        ConsoleServer.copy(Path.of("model-repository/moving-digits"), repository.resolve("moving-digits"));
        writtenAt(Instant.now().plus(Duration.ofDays(1)), repository);
        server = clock.of(new ServerContainer()).withOwnRepository(repository).withTmpFs(Map.of("/tmp", "size=64m"));
        server.start();
        server.firstLogin();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** The container's clock is another than that of its files, which is the machine's: here they come from before the clock went back. */
    private static void writtenAt(Instant time, Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path each : files.toList()) {
                Files.setLastModifiedTime(each, FileTime.from(time));
            }
        }
    }

    private static ConsoleClient admin() throws IOException, InterruptedException {
        return server.visitor().logIn("admin");
    }

    @Test
    void whoIsLoggedInStaysOrLogsInAgainAtOnce() throws Exception {
        for (Duration by : JUMPS) {
            ConsoleClient before = admin();
            clock.jump(by);
            HttpResponse<String> page = before.get("/models");
            assertThat(page.statusCode() == 200 || ConsoleClient.location(page).equals("/login"))
                    .as(page.toString())
                    .isTrue();
            ConsoleClient after = admin();
            for (int i = 0; i < 3; i++) {
                assertThat(after.get("/people").statusCode()).isEqualTo(200);
            }
            after.submit("/people", "name", "anna" + by.abs().toHours(), "role", "viewer");
        }
    }

    @Test
    void aLockDoesNotOutliveItsTimeAndTheNextOneHolds() throws Exception {
        for (Duration by : JUMPS) {
            String name = "vera" + by.abs().toHours();
            Matcher given = GIVEN.matcher(
                    admin().post("/people", "name", name, "role", "viewer").body());
            assertThat(given.find()).isTrue();
            lock(name, given.group(1));
            clock.jump(by);
            assertThat(isIn(name, given.group(1))).isTrue();
            lock(name, given.group(1));
        }
    }

    private static void lock(String name, String password) throws IOException, InterruptedException {
        for (int i = 0; i < WRONG_ONES_THAT_LOCK; i++) {
            assertThat(isIn(name, "a wrong password")).isFalse();
        }
        assertThat(isIn(name, password)).as("locked").isFalse();
    }

    private static boolean isIn(String name, String password) throws IOException, InterruptedException {
        return ConsoleClient.location(server.visitor().tryLogin(name, password)).equals("/");
    }

    @Test
    void historyAndAuditAreInTheOrderInWhichThingsHappened() throws Exception {
        tune("the first thing", 2);
        clock.jump(Duration.ofDays(-1));
        tune("the second thing", 3);

        String history = admin().get(HISTORY).body();
        assertThat(history.indexOf("the second thing")).isBetween(0, history.indexOf("the first thing"));
        assertThat(history.substring(history.indexOf("the second thing"), history.indexOf("the first thing")))
                .contains("as it is now");
        assertThat(server.achievedRatio()).isBetween(2.6, 3.4);
        String audit = admin().get("/audit?action=tune").body();
        assertThat(audit.indexOf("2 -&gt; 3")).isBetween(0, audit.indexOf("-&gt; 2"));
    }

    private static void tune(String reason, int ratio) throws IOException, InterruptedException {
        ConsoleClient admin = admin();
        admin.tune(reason, "compression_ratio", "" + ratio);
        admin.await(HISTORY, LOADED);
    }

    @Test
    void evaluationsAreInTheOrderInWhichTheyWereStarted() throws Exception {
        String first = evaluate(admin());
        clock.jump(Duration.ofDays(-1));
        ConsoleClient admin = admin();
        String second = evaluate(admin);

        String page = admin.get("/evaluations").body();
        assertThat(page.indexOf(second)).isBetween(0, page.indexOf(first));
    }

    /** @return the address of one that was started, and need not come to its end */
    private static String evaluate(ConsoleClient admin) throws IOException, InterruptedException {
        String run = admin.evaluate(1);
        admin.submit(run + "/cancel");
        return run;
    }

    @Test
    void anUnloadWaitsForAnAnswerAndTellsHowLong() throws Exception {
        for (Duration by : JUMPS) {
            OpenAnswer answer = OpenAnswer.generate(server, Map.of("max_tokens", 3000));
            ConsoleClient admin = admin();
            admin.submit("/models/moving-digits/unload");
            admin.await("/models", Pattern.compile("unloading for"));
            clock.jump(by);
            admin = admin();
            assertThat(admin.get("/models").body()).containsPattern("unloading for \\d");
            assertThat(answer.end().last()).contains("\"finish_reason\":\"length\"");
            Matcher told = Pattern.compile("unloaded in (\\S+) s")
                    .matcher(admin.await("/models", Pattern.compile("unloaded in|unload failed")));
            assertThat(told.find()).isTrue();
            assertThat(Double.parseDouble(told.group(1))).isBetween(0.0, 1800.0);
            admin.submit("/models/moving-digits/load");
            admin.await("/models", Pattern.compile("(?<!un)loaded in"));
        }
    }

    @Test
    void theChartsOfTheLastHourGoOnFromWhereTheClockIs() throws Exception {
        for (Duration by : JUMPS) {
            int before = readings(admin()).size();
            clock.jump(by);
            ConsoleClient admin = admin(); // one for all looks: each has a connection of its own
            while (readings(admin).size() < before + 2) {
                Thread.sleep(500);
            }
            JsonNode moments = readings(admin);
            for (int i = 1; i < moments.size(); i++) {
                assertThat(second(moments, i)).as(moments.toString()).isGreaterThan(second(moments, i - 1));
            }
            assertThat(second(moments, moments.size() - 1))
                    .isBetween(clock.now().getEpochSecond() - 600, clock.now().getEpochSecond() + 1);
            assertThat(second(moments, 0)).isGreaterThan(clock.now().getEpochSecond() - 3600);
        }
    }

    private static JsonNode readings(ConsoleClient admin) throws IOException, InterruptedException {
        return RunningServer.json(admin.get("/live/hour.json")).path("moving-digits");
    }

    private static long second(JsonNode moments, int index) {
        return moments.get(index).path("second").asLong();
    }
}
