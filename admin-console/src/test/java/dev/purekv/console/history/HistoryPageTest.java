package dev.purekv.console.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.Visitor;
import dev.purekv.console.controllers.Speaks;
import dev.purekv.console.people.KnownPeople;
import dev.purekv.console.people.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Speaks(to = HistoryController.class)
class HistoryPageTest {
    private static final String PAGE = "/models/fake/history";
    private static final String FILE = "backend: \"purekv\" # <b>by hand</b>\n";
    private static final Pattern SEEN = Pattern.compile("name=\"seen\" value=\"([0-9a-f]{64})\"");
    private static final Pattern RESTORE = Pattern.compile(PAGE + "/(\\d+)/restore");

    @TempDir
    static Path repository;

    private static Path file;
    private static RunningConsole console;
    private static Visitor operator;
    private static Visitor viewer;

    @BeforeAll
    static void start() throws IOException {
        file = Files.createDirectories(repository.resolve("fake")).resolve("config.pbtxt");
        Files.writeString(file, FILE);
        console = RunningConsole.start("purekv.model-repository=" + repository);
        operator = KnownPeople.loggedIn(console, Role.OPERATOR);
        viewer = KnownPeople.loggedIn(console, Role.VIEWER);
        operator.get(PAGE);
        operator.post(
                "/models/fake/tuning",
                "seen",
                found(SEEN, "/models/fake/tuning"),
                "compression_ratio",
                "5",
                "reason",
                "<b>why</b>");
        settled();
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @Test
    void saysWhoDidWhatAndWhyAndShowsMarkupAsText() {
        assertThat(viewer.get(PAGE).body())
                .contains("<html", ">operator<", ": &lt;b&gt;why&lt;/b&gt;", "# &lt;b&gt;by hand", "<ins>5</ins>")
                .doesNotContain("<b>why", "<b>by hand", "Restore</button>");
        assertThat(operator.get(PAGE).body()).contains("Restore</button>", "as it is now");
    }

    @Test
    void refreshesItsListAlone() {
        assertThat(viewer.get(PAGE + "/list").body())
                .contains("id=\"revisions\"", ">operator<")
                .doesNotContain("<html");
    }

    @Test
    void takesBackWhatWasChangedUnlessSomebodyWasFaster() throws IOException {
        String revision = found(RESTORE, PAGE);
        String changed = Files.readString(file);
        String path = PAGE + "/" + revision + "/restore";

        operator.post(path, "seen", "0".repeat(64));
        assertThat(operator.get(PAGE).body()).contains("Nothing was changed:", "Look again, then decide");
        assertThat(file).hasContent(changed);

        operator.post(path, "seen", found(SEEN, PAGE));
        settled();
        assertThat(file).hasContent(FILE);
        assertThat(viewer.get(PAGE).body()).contains("back to revision " + revision);
        String back = found(RESTORE, PAGE);
        operator.post(PAGE + "/" + back + "/restore", "seen", found(SEEN, PAGE));
        settled();
        assertThat(file).hasContent(changed);
    }

    @Test
    void whatIsNotThereIsNotFound() {
        assertThat(viewer.get("/models/none/history").statusCode()).isEqualTo(404);
        assertThat(viewer.get("/models/none/history/list").statusCode()).isEqualTo(404);
        assertThat(operator.post(PAGE + "/999999/restore", "seen", found(SEEN, PAGE))
                        .statusCode())
                .isEqualTo(404);
        assertThat(operator.post(PAGE + "/x/restore", "seen", "0").statusCode()).isEqualTo(400);
    }

    @Test
    void viewersRestoreNothing() throws IOException {
        String before = Files.readString(file);

        assertThat(viewer.post(PAGE + "/1/restore", "seen", found(SEEN, PAGE)).statusCode())
                .isEqualTo(403);

        assertThat(file).hasContent(before);
    }

    private static String found(Pattern pattern, String path) {
        String page = operator.get(path).body();
        Matcher found = pattern.matcher(page);
        assertThat(found.find()).as(page).isTrue();
        return found.group(1);
    }

    private static void settled() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> !operator.get(PAGE).body().contains(">loading<")
                        && !operator.get("/models").body().contains("loading for"));
    }
}
