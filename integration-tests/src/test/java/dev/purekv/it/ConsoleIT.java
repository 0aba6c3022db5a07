package dev.purekv.it;

import static dev.purekv.it.ConsoleServer.PASSWORD;
import static dev.purekv.it.ConsoleServer.choosePassword;
import static dev.purekv.it.ConsoleServer.logIn;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** People at the console of a real server, in a real browser. */
class ConsoleIT {
    private static final Path CLIP = ConsoleServer.DEMONSTRATION.resolve("moving-digits/samples/digits-16x112-1.mp4");

    @TempDir
    static Path repository;

    private static ConsoleServer console;
    private static RunningServer server;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        ConsoleServer.addTalkative(repository);
        console = ConsoleServer.start(repository, "ConsoleIT", 6);
        server = console.server;
        console.firstLogin("olga", console.addPerson("olga", "operator")).close();
    }

    @AfterAll
    static void stop() {
        if (console != null) {
            console.close();
        }
    }

    private static Browser operator() {
        Browser browser = console.browser();
        logIn(browser, "olga", PASSWORD);
        browser.awaitPath("/models");
        return browser;
    }

    @Test
    void theFirstPasswordIsGoodForChoosingAnotherAlone() {
        String given = console.addPerson("otto", "operator");
        try (Browser otto = console.browser()) {
            logIn(otto, "otto", given);
            otto.awaitPath("/password");
            assertThat(otto.text()).contains("choose one of your own to go on");
            for (String path : List.of("/models", "/live", "/models/moving-digits/tuning")) {
                otto.open(path);
                assertThat(otto.path()).isEqualTo("/password");
            }
            choosePassword(otto, given);
            logIn(otto, "otto", given);
            assertThat(otto.path()).isEqualTo("/login?failed");
            logIn(otto, "otto", PASSWORD);
            otto.awaitPath("/models");
        }
    }

    @Test
    void anOperatorTunesAModelAndRollsBackWhileItAnswers() throws IOException, InterruptedException {
        Path file = repository.resolve("moving-digits/config.pbtxt");
        String before = Files.readString(file);
        try (Traffic traffic = new Traffic(server, CLIP);
                Browser browser = operator()) {
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
            assertThat(browser.content("#revisions tbody tr")).contains("olga");
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
            assertThat(traffic.end()).isPositive();
        }
        assertThat(Files.readString(file)).isEqualTo(before);
        assertThat(server.ask(CLIP, "Describe the video.")).contains("a red 1 moves left");
    }

    @Test
    void anOperatorCancelsSomebodysRequestOnLive() throws Exception {
        CompletableFuture<HttpResponse<String>> answer = CompletableFuture.supplyAsync(ConsoleIT::askTheTalkative);
        try (Browser browser = operator()) {
            browser.open("/live");
            browser.awaitContent("#requests", "talkative");
            browser.awaitContent("#requests", "decod");
            assertThat(answer).isNotDone();
            browser.clickFirst("#requests form button");
            browser.awaitText("The request ends within a step.");
            browser.awaitContent("#requests", "Nothing is under way.");
            assertThat(browser.complaints()).isEmpty();
        }
        assertThat(answer.get(10, TimeUnit.SECONDS).body()).contains("cancel");
    }

    @Test
    void anOperatorIsToldWhatIsForAdministratorsAlone() {
        try (Browser browser = operator();
                Browser admin = console.administrator()) {
            assertThat(browser.has("nav a[href='/remote']")).isTrue();
            for (String path : List.of("/people", "/audit", "/keys")) {
                assertThat(browser.has("nav a[href='" + path + "']")).as(path).isFalse();
                browser.open(path);
                assertThat(browser.status()).as(path).isEqualTo(403);
                assertThat(browser.text())
                        .as(path)
                        .contains("This is not yours to do", "an administrator can change your role");
                browser.click("main a");
                browser.awaitPath("/models");
            }
            browser.open("/remote");
            assertThat(browser.possibleChanges()).as("registering").isEmpty();
            browser.open("/live");
            assertThat(browser.possibleChanges()).contains("Drain /live/drain");

            admin.open("/audit?actor=olga&action=access");
            assertThat(admin.text()).contains("GET /people", "GET /audit", "GET /keys", "not for this role");
        }
    }

    /** From the login to the way back: Tab, Enter, Space, arrows and text. */
    @Test
    void somebodyWithoutAMouseTunesAndRollsBack() throws IOException {
        Path file = repository.resolve("moving-digits/config.pbtxt");
        String before = Files.readString(file);
        try (Browser browser = console.browser()) {
            Keyboard keyboard = browser.keyboard();
            browser.open("/login");
            keyboard.press("olga", Keys.TAB, PASSWORD, Keys.ENTER);
            browser.awaitPath("/models");
            keyboard.tabTo("a[href='/models/moving-digits']");
            keyboard.press(Keys.ENTER);
            browser.awaitPath("/models/moving-digits");
            keyboard.tabTo("a[href='/models/moving-digits/tuning']");
            keyboard.press(Keys.ENTER);
            browser.awaitPath("/models/moving-digits/tuning");

            keyboard.tabTo("#ratio-slider");
            keyboard.press(Keys.END, Keys.ARROW_LEFT);
            String chosen = browser.value("#ratio");
            keyboard.tabTo("[name='sparse_attention_layer']");
            keyboard.press(Keys.ARROW_LEFT);
            assertThat(keyboard.has("[name='sparse_attention_layer'][value='7']"))
                    .isTrue();
            keyboard.tabTo("[name='temporal_window']");
            keyboard.press(Keys.ENTER); // in a field: shows what would change, and changes nothing
            browser.awaitElement("#preview");
            assertThat(browser.path()).isEqualTo("/models/moving-digits/tuning/preview");
            assertThat(file).hasContent(before);

            keyboard.tabTo("#preview [name='reason']");
            keyboard.press("by keys alone", Keys.ENTER); // still no more than a look
            browser.awaitElement("#preview [name='reason'][value='by keys alone']");
            assertThat(file).hasContent(before);
            keyboard.tabTo("#preview button.primary");
            keyboard.press(Keys.ENTER);
            browser.awaitText("by keys alone");
            browser.awaitNoText("is being loaded; the old one serves");
            assertThat(Files.readString(file)).contains("\"" + chosen + "\"", "\"7\"");

            keyboard.tabTo("form[action$='/restore'] button");
            keyboard.press(Keys.SPACE);
            browser.awaitText("back to revision");
            browser.awaitNoText("is being loaded; the old one serves");
            assertThat(file).hasContent(before);
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void aRefreshLeavesTheFocusWhereItIs() {
        try (Browser browser = operator()) {
            Keyboard keyboard = browser.keyboard();
            keyboard.tabTo("[aria-label='Unload kv_compression']");
            browser.refresh("#models");
            assertThat(keyboard.has("[aria-label='Unload kv_compression']")).isTrue();

            browser.open("/models/kv_compression/history");
            browser.click("#revisions summary");
            browser.refresh("#revisions");
            assertThat(browser.has("#revisions details[open]")).isTrue();
        }
    }

    private static HttpResponse<String> askTheTalkative() {
        try {
            return server.post(
                    "/v2/models/talkative/generate",
                    Map.of(
                            "text_input",
                            "Describe the video.",
                            "video",
                            RunningServer.base64(CLIP),
                            "parameters",
                            Map.of("max_tokens", 4096)));
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
