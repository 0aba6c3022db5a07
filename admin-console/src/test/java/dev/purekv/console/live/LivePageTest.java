package dev.purekv.console.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.Visitor;
import dev.purekv.console.controllers.Speaks;
import dev.purekv.console.logging.TritonSpool;
import dev.purekv.console.people.KnownPeople;
import dev.purekv.console.people.Role;
import dev.purekv.server.LiveRequest;
import dev.purekv.server.LogSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

@Speaks(to = LiveController.class)
class LivePageTest {
    private RunningConsole console;
    private Visitor operator;
    private Visitor viewer;

    @BeforeEach
    void start() {
        console = RunningConsole.start();
        operator = KnownPeople.loggedIn(console, Role.OPERATOR);
        viewer = KnownPeople.loggedIn(console, Role.VIEWER);
    }

    @AfterEach
    void stop() {
        console.close();
    }

    @Test
    void requestsUnderWayAreShownAndAnOperatorEndsOne() {
        console.server.live.add(
                new LiveRequest("<i>fake</i>", 1, 77, LiveRequest.Stage.DECODE, 1.5, 600, 12, 1_048_576));
        assertThat(viewer.get("/live/requests").body())
                .contains("&lt;i&gt;fake&lt;/i&gt;", "decode", "1.5 s", "600", "1 MiB")
                .doesNotContain("<i>fake", "Cancel", "<html");
        assertThat(viewer.post("/live/cancel", "model", "<i>fake</i>", "number", "77")
                        .statusCode())
                .isEqualTo(403);
        assertThat(console.server.live).hasSize(1);
        assertThat(operator.post("/live/cancel", "model", "other", "number", "77")
                        .statusCode())
                .isEqualTo(302);
        assertThat(operator.get("/live").body()).contains("had ended already");
        assertThat(console.server.live).hasSize(1);
        operator.post("/live/cancel", "model", "<i>fake</i>", "number", "77");
        assertThat(console.server.live).isEmpty();
        assertThat(operator.get("/live").body()).contains("ends within a step", "Nothing is under way");
    }

    @Test
    void theLogIsShownAsTextAndItsLevelChanges() {
        LoggerFactory.getLogger("dev.purekv.test").warn("<script>alert(1)</script>");
        assertThat(viewer.get("/live/log").body())
                .contains("&lt;script&gt;alert(1)", "WARN")
                .doesNotContain("<script>");
        assertThat(viewer.post("/live/level", "level", "DEBUG").statusCode()).isEqualTo(403);
        assertThat(operator.post("/live/level", "level", "LOUD").statusCode()).isEqualTo(400);
        operator.post("/live/level", "level", "ERROR");
        assertThat(viewer.get("/live/log").body()).contains(">ERROR<");
        operator.post("/live/level", "level", "INFO");
    }

    @Test
    void theLevelIsTritonsToo() {
        assertThat(viewer.get("/live/log").body()).containsPattern("Triton's from <span>WARN</span>");

        operator.post("/live/level", "level", "DEBUG");
        assertThat(console.server.logSettings()).isEqualTo(new LogSettings(true, true, true, 1, true));
        console.post("/v2/logging", "{\"log_verbose_level\":3,\"log_format\":\"default\"}");
        operator.post("/live/level", "level", "DEBUG");
        assertThat(console.server.logSettings()).isEqualTo(new LogSettings(true, true, true, 3, false));
        operator.post("/live/level", "level", "ERROR");
        assertThat(console.server.logSettings()).isEqualTo(new LogSettings(false, false, true, 0, false));
        assertThat(viewer.get("/live/log").body()).containsPattern("Triton's from <span>ERROR</span>");
        console.post("/v2/logging", "{\"log_error\":false}");
        assertThat(viewer.get("/live/log").body()).containsPattern("Triton's from <span>nowhere</span>");
        operator.post("/live/level", "level", "INFO");
        assertThat(console.server.logSettings()).isEqualTo(new LogSettings(true, true, true, 0, false));
    }

    @Test
    void linesOfTritonsAreText() throws IOException {
        Path folder = Files.createDirectories(console.stateDirectory().resolve("triton-log"));
        Files.writeString(
                folder.resolve("1.log"), "E0131 12:00:00.2 1 <b>.cc:1] \"model <script>alert(1)</script>\"\n");
        console.bean(TritonSpool.class).start(new Nowhere());

        assertThat(viewer.get("/live/log").body())
                .contains("&lt;script&gt;alert(1)", "&lt;b&gt;.cc:1", ">ERROR<")
                .doesNotContain("<script>", "<b>");
    }

    /** Nothing writes to the log of a server in memory. */
    private static final class Nowhere implements TritonSpool.Target {
        @Override
        public void file(Path file) {}

        @Override
        public void standardError() {}
    }

    @Test
    void aDrainIsForOperators() {
        assertThat(viewer.post("/live/drain").statusCode()).isEqualTo(403);
        assertThat(console.server.draining).isFalse();
        operator.post("/live/drain");
        assertThat(console.server.draining).isTrue();
    }

    @Test
    void theLastHourIsJson() {
        LastHour hour = console.bean(LastHour.class);
        long second = System.nanoTime() / 1_000_000_000;
        hour.add(Reading.of(metrics(10, 1, 0.5)), second - 5);
        hour.add(Reading.of(metrics(60, 3, 1.5)), second);
        assertThat(hour.all().get("digits")).singleElement().satisfies(moment -> {
            assertThat(moment.second())
                    .as("by the wall clock")
                    .isCloseTo(Instant.now().getEpochSecond(), within(60L));
            assertThat(moment.tokensPerSecond()).isEqualTo(10);
            assertThat(moment.firstTokenMs()).isEqualTo(500);
            assertThat(moment.tokenMs()).isNull();
            assertThat(moment.running()).isEqualTo(2);
        });
        assertThat(viewer.get("/live/hour.json").body()).contains("\"tokensPerSecond\":10.0");
    }

    @Test
    void countersThatBeginAnewGiveNoNegativeRates() {
        Moment moment = Moment.between(Reading.of(metrics(50, 5, 5)), Reading.of(metrics(20, 1, 1)), "digits", 1, 5);
        assertThat(moment.tokensPerSecond()).isEqualTo(4);
        assertThat(moment.firstTokenMs()).isEqualTo(1000);
    }

    private static String metrics(int tokens, int answers, double seconds) {
        String labels = "{model=\"digits\",version=\"1\"} ";
        return "# TYPE x\npurekv:generation_tokens_total" + labels + tokens
                + "\npurekv:time_to_first_token_seconds_count"
                + labels + answers + "\npurekv:time_to_first_token_seconds_sum" + labels + seconds
                + "\npurekv:num_requests_running" + labels + "2\n";
    }
}
