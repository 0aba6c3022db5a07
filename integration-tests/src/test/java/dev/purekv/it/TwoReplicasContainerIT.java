package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.Network;

/**
 * Two servers that want a key and a console that tunes both, three containers. Clients come to each by its own port; what the console
 * says goes over a network of its own.
 */
@ExtendWith(NeedsDocker.class)
class TwoReplicasContainerIT {
    private static final String GROUP = "/remote/groups/pair";

    @TempDir
    private static Path folder;

    private static Network network;
    private static ServerContainer left;
    private static ServerContainer right;
    private static ServerContainer console;
    private static ConsoleClient admin;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        // No way out of it: the ports that clients know stay with the network that each container has from its start.
        network = Network.builder()
                .createNetworkCmdModifier(command -> command.withInternal(true))
                .build();
        Path keys = folder.resolve("keys.json");
        String key = ApiKeys.create(keys, "console", 0);
        left = new ServerContainer().withKeys(keys, key);
        right = new ServerContainer().withKeys(keys, key);
        console = new ServerContainer().withEnv("PUREKV_REMOTE_WATCH_INTERVAL", "1s");
        plugIn(left, "left");
        plugIn(right, "right");
        plugIn(console, "console");
        admin = console.firstLogin();
        for (String each : List.of("left", "right")) {
            admin.submit(
                    "/remote/endpoints",
                    "name",
                    each,
                    "address",
                    "http://" + each + ":8000",
                    "group",
                    "pair",
                    "key",
                    key);
            admin.await("/remote/endpoints/" + each, Pattern.compile("moving-digits(?s).*>ready<"));
        }
    }

    private static void plugIn(ServerContainer container, String name) {
        container.start();
        new Cable(container, network, name).plug();
    }

    @AfterAll
    static void stop() {
        console.close();
        right.close();
        left.close();
        network.close();
    }

    private static void want(int ratio) throws IOException, InterruptedException {
        HttpResponse<String> answer = admin.tuneGroup("pair", "for both", "compression_ratio", "" + ratio);
        assertThat(ConsoleClient.location(answer)).as(answer.body()).isEqualTo(GROUP);
        // What was refused is said on the page, and would look here as if it were wanted already.
        assertThat(admin.get(GROUP).body())
                .contains("compression_ratio: " + ratio)
                .doesNotContain("Nothing was changed");
    }

    /** @return the endpoint's row of the group's page, once it says so */
    private static String await(String endpoint, String word) throws IOException, InterruptedException {
        Pattern row = Pattern.compile("(?s)<th scope=\"row\">" + endpoint
                + "</th>((?!</tr>).)*data-label=\"Stands\">\\s*<span class=\"state \\w+\">" + word + "<.*?</tr>");
        Matcher found = row.matcher(admin.await(GROUP, row));
        assertThat(found.find()).isTrue();
        return found.group();
    }

    private static void awaitBoth() throws IOException, InterruptedException {
        await("left", "as wanted");
        await("right", "as wanted");
    }

    private static String audit(String endpoint) throws IOException, InterruptedException {
        return admin.get("/audit?action=bring+to+wanted&subject=" + endpoint).body();
    }

    @Test
    void oneChangeReachesBothAndIsSeenInTheirAnswers() throws Exception {
        for (int ratio : new int[] {5, 2}) {
            want(ratio);
            awaitBoth();
            assertThat(left.achievedRatio()).isCloseTo(ratio, within(0.5));
            assertThat(right.achievedRatio()).isCloseTo(ratio, within(0.5));
        }
    }

    @Test
    void oneKilledWhileItStreamsIsBroughtToWhatWasWantedMeanwhile() throws Exception {
        want(5);
        awaitBoth();
        OpenAnswer lost = OpenAnswer.generate(left, Map.of("max_tokens", 20_000));
        OpenAnswer lostChat = OpenAnswer.chat(left, 20_000);
        OpenAnswer kept = OpenAnswer.generate(right, Map.of("max_tokens", 1500));
        left.crash();

        OpenAnswer.End end = lost.end();
        assertThat(end.broken()).isTrue();
        assertThat(end.last()).contains("\"finish_reason\":\"\"");
        end = lostChat.end();
        assertThat(end.broken()).isTrue();
        assertThat(end.last()).contains("\"finish_reason\":null");
        end = kept.end();
        assertThat(end.broken()).isFalse();
        assertThat(end.last()).contains("\"finish_reason\":\"length\"");

        want(3);
        await("right", "as wanted");
        assertThat(right.achievedRatio()).isCloseTo(3, within(0.4));
        assertThat(await("left", "not reached")).contains("left:8000: ");
        assertThat(audit("left")).contains("not reached: left:8000: ");

        left.startAgain();
        assertThat(await("left", "as wanted")).doesNotContain("left:8000");
        assertThat(left.achievedRatio()).isCloseTo(3, within(0.4));
        assertThat(audit("left")).contains("as wanted: compression_ratio: default -&gt; 3", "(watch)");
    }

    @Test
    void oneCutOffFromTheConsoleAnswersAsBeforeAndGetsTheChangeLater() throws Exception {
        want(2);
        awaitBoth();
        Cable cable = new Cable(right, network, "right");
        OpenAnswer underWay = OpenAnswer.generate(right, Map.of("max_tokens", 3000));
        cable.cut();
        try {
            want(4);
            await("left", "as wanted");
            assertThat(await("right", "not reached")).contains("right:8000: ");
            assertThat(left.achievedRatio()).isCloseTo(4, within(0.5));
            assertThat(right.achievedRatio()).isCloseTo(2, within(0.5));
            assertThat(underWay.end().last()).contains("\"finish_reason\":\"length\"");
        } finally {
            cable.plug();
        }
        await("right", "as wanted");
        assertThat(right.achievedRatio()).isCloseTo(4, within(0.5));
        assertThat(audit("right")).contains("not reached: right:8000: ", "as wanted: compression_ratio: 2 -&gt; 4");
    }
}
