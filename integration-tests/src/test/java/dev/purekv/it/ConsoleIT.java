package dev.purekv.it;

import static dev.purekv.it.ConsoleServer.PASSWORD;
import static dev.purekv.it.ConsoleServer.choosePassword;
import static dev.purekv.it.ConsoleServer.logIn;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** People at the console of a real server, in a real browser. */
class ConsoleIT {
    private static final Path CLIP = ConsoleServer.DEMONSTRATION.resolve("moving-digits/samples/digits-16x112-1.mp4");

    @TempDir
    static Path repository;

    private static ConsoleServer console;
    private static RunningServer server;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        console = ConsoleServer.start(repository, "ConsoleIT", 3);
        server = console.server;
    }

    @AfterAll
    static void stop() {
        if (console != null) {
            console.close();
        }
    }

    @Test
    void tunesAModelAndRollsBackWhileItAnswers() throws IOException, InterruptedException {
        Path file = repository.resolve("moving-digits/config.pbtxt");
        String before = Files.readString(file);
        AtomicBoolean enough = new AtomicBoolean();
        CompletableFuture<Integer> answers = CompletableFuture.supplyAsync(() -> askUntil(enough));
        try (Browser browser = new Browser(server.consolePort())) {
            logIn(browser, "admin", PASSWORD);
            browser.open("/models/moving-digits/tuning");
            browser.fill("compression_ratio", "5");
            browser.choose("clie_layer", "1");
            browser.choose("clie_layer", "3");
            assertThat(browser.isPossible("sparse_attention_layer", "3")).isFalse();
            assertThat(browser.isPossible("sparse_attention_layer", "4")).isTrue();
            browser.choose("sparse_attention_layer", "5");
            assertThat(browser.isPossible("clie_layer", "4")).isTrue();
            assertThat(browser.isPossible("clie_layer", "5")).isFalse();
            browser.choose("sparse_attention_layer", "off");
            browser.choose("sources", "own");
            browser.click("form#tuning > .row button.primary");
            browser.awaitText("keeps 20 percent of its cache: 800 KiB of 3.9 MiB");
            browser.picture("preview");
            browser.fill("reason", "a fifth is enough");
            browser.click("#preview button.primary");
            browser.awaitText("a fifth is enough");
            browser.awaitNoText("is being loaded; the old one serves");
            assertThat(Files.readString(file))
                    .contains("\"compression_ratio\"", "string_value: \"5\"", "Chosen by evaluation");
            assertThat(RunningServer.json(server.get("/v2/models/moving-digits/config"))
                            .at("/parameters/compression_ratio/string_value")
                            .asString())
                    .isEqualTo("5");

            browser.click("form[action$='/restore'] button");
            browser.awaitText("back to revision");
            browser.awaitNoText("is being loaded; the old one serves");
            assertThat(browser.complaints()).isEmpty();
        } finally {
            enough.set(true);
        }
        assertThat(Files.readString(file)).isEqualTo(before);
        assertThat(answers.join()).isPositive();
        assertThat(server.ask(CLIP, "Describe the video.")).contains("a red 1 moves left");
    }

    @Test
    void offersViewersNothingThatTheyMayNotDo() {
        try (Browser admin = new Browser(server.consolePort());
                Browser viewer = new Browser(server.consolePort())) {
            logIn(admin, "admin", PASSWORD);
            admin.open("/people");
            admin.fill("name", "vera");
            admin.click("form.card button");
            admin.awaitText("shown this once");
            Matcher given = Pattern.compile("shown this once: (\\S{24})").matcher(admin.text());
            assertThat(given.find()).isTrue();

            logIn(viewer, "vera", given.group(1));
            choosePassword(viewer, given.group(1));
            logIn(viewer, "vera", PASSWORD);
            viewer.awaitPath("/models");
            assertThat(viewer.has("form[action$='/load']")).isFalse();
            assertThat(viewer.has("nav a[href='/people']")).isFalse();
            viewer.open("/models/moving-digits/tuning");
            assertThat(viewer.text()).contains("operators and administrators may change this");
            viewer.open("/people");
            assertThat(viewer.text()).contains("This is not yours to do");
        }
    }

    @Test
    void shutsNobodyOut() throws IOException {
        try (Browser browser = new Browser(server.consolePort())) {
            SoftAssertions all = new SoftAssertions();
            check(browser, "/login", all);
            logIn(browser, "admin", PASSWORD);
            browser.awaitPath("/models");
            String[] paths = {
                "/models",
                "/models/moving-digits",
                "/models/moving-digits/tuning",
                "/models/moving-digits/history",
                "/models/kv_compression/tuning",
                "/playground",
                "/evaluations",
                "/live",
                "/remote",
                "/people",
                "/audit",
                "/keys",
                "/password",
                "/nothing"
            };
            for (String path : paths) {
                check(browser, path, all);
            }
            all.assertAll();
        }
    }

    /** Light and dark at a desk, and on a phone. */
    private static void check(Browser browser, String path, SoftAssertions all) throws IOException {
        String name = path.substring(1).replace('/', '-');
        browser.phone(false);
        for (boolean dark : new boolean[] {false, true}) {
            browser.dark(dark);
            browser.open(path);
            all.assertThat(browser.barriers())
                    .as(path + (dark ? ", dark" : ", light"))
                    .isEmpty();
            browser.picture(name + (dark ? "-dark" : ""));
        }
        browser.dark(false);
        browser.phone(true);
        browser.open(path);
        all.assertThat(browser.scrollsSideways()).as(path + " on a phone").isFalse();
        browser.picture(name + "-phone");
        browser.phone(false);
    }

    private static int askUntil(AtomicBoolean enough) {
        int answers = 0;
        try {
            while (!enough.get()) {
                // Cut to a fifth, this short clip is not described rightly: an answer it must be all the same.
                assertThat(server.ask(CLIP, "Describe the video.")).startsWith("a red ");
                answers++;
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return answers;
    }
}
