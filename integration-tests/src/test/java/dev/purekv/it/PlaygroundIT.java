package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Asking a model in a real browser, and ending what takes too long. */
class PlaygroundIT {
    private static final String SAMPLE = "digits-16x112-1.mp4";
    private static final String ANSWER = "a red 1 moves left";
    private static final String MARKUP = " <img src=x onerror=alert(1)>";

    @TempDir
    static Path repository;

    private static ConsoleServer console;

    /** Two more models with the first one's weights: one never ends by itself, one has markup for a word. */
    @BeforeAll
    static void start() throws IOException, InterruptedException {
        ConsoleServer.addTalkative(repository);
        Path marking = repository.resolve("marking");
        ConsoleServer.copy(ConsoleServer.DEMONSTRATION.resolve("moving-digits"), marking);
        Path tokenizer = marking.resolve("1/tokenizer.json");
        ObjectNode json = (ObjectNode) RunningServer.JSON.readTree(Files.readString(tokenizer));
        rename(json, "\u0120red", MARKUP.replace(' ', '\u0120'));
        Files.writeString(tokenizer, json.toString());
        console = ConsoleServer.start(repository, "PlaygroundIT", 5);
    }

    /** Lets a token be another word; it is read from no prompt any more. */
    private static void rename(ObjectNode tokenizer, String word, String other) {
        ObjectNode model = (ObjectNode) tokenizer.get("model");
        ObjectNode vocabulary = (ObjectNode) model.get("vocab");
        vocabulary.set(other, vocabulary.remove(word));
        ArrayNode merges = (ArrayNode) model.get("merges");
        merges.removeIf(each -> (each.get(0).asString() + each.get(1).asString()).contains(word));
    }

    @AfterAll
    static void stop() {
        if (console != null) {
            console.close();
        }
    }

    private static void askAboutTheSample(Browser browser) {
        browser.open("/playground?model=moving-digits");
        browser.select("#sample", SAMPLE);
        // At 5 this short clip would leave room for the protected tokens alone, the same in all layers.
        browser.fillIn("[data-side='B'] [data-setting='compression_ratio']", "2");
        browser.click("#go");
        browser.awaitContent("[data-side='B'] .figures", "x smaller");
    }

    @Test
    void answersASampleSideBySideAndDrawsWhatWasKept() throws IOException {
        try (Browser browser = console.administrator()) {
            askAboutTheSample(browser);

            assertThat(browser.content("[data-side='A'] .answer")).contains(ANSWER);
            assertThat(browser.content("[data-side='A'] .figures")).contains("1.00x smaller", "First token", "Prefill");
            assertThat(browser.content("[data-side='B'] .figures")).contains("2.0");
            browser.awaitContent("#overlay-layer-word", "all layers");
            assertThat(browser.content("#overlay-question")).isEqualTo("Asked: Describe the video.");
            String first = browser.pixels("#overlay-canvas");
            browser.press("#overlay-slice", Keys.END);
            browser.awaitContent("#overlay-slice-word", "8 of 8");
            browser.awaitOtherPixels("#overlay-canvas", first);
            assertThat(browser.content("#overlay-kept")).containsPattern("Of this slice [1-9]\\d* percent are kept");
            browser.press("#overlay-layer", Keys.ARROW_RIGHT, Keys.ARROW_RIGHT);
            browser.awaitContent("#overlay-layer-word", "layer 1");
            browser.press("#overlay-layer", Keys.HOME);
            browser.awaitContent("#overlay-layer-word", "all layers");
            browser.scrollTo("#overlay");
            browser.picture("overlay");
            browser.press("#overlay-play", Keys.ENTER);
            browser.awaitContent("#overlay-slice-word", "2 of 8");
            browser.press("#overlay-play", Keys.ENTER);
            assertThat(browser.content("#overlay-play")).isEqualTo("Play");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    /** Layers rank what to keep by attention of their own: one of them keeps other cells than all of them on average. */
    @Test
    void theOverlaysSlidersAndItsPlayChangeThePicture() throws IOException {
        try (Browser browser = console.administrator()) {
            askAboutTheSample(browser);

            browser.press("#overlay-slice", Keys.HOME, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT);
            Pixels all = drawn(browser, "Slice 4 of 8, all layers");
            browser.press("#overlay-layer", Keys.END);
            Pixels last = drawn(browser, "Slice 4 of 8, layer 7");
            assertThat(last.otherThan(all)).isGreaterThan(0.02);
            browser.press("#overlay-layer", Keys.HOME, Keys.ARROW_RIGHT);
            Pixels lowest = drawn(browser, "Slice 4 of 8, layer 0");
            assertThat(lowest.otherThan(last)).isGreaterThan(0.02);
            browser.press("#overlay-layer", Keys.HOME);
            assertThat(drawn(browser, "Slice 4 of 8, all layers").otherThan(all))
                    .as("the way back")
                    .isZero();

            browser.click("#overlay-play");
            browser.awaitElement("#overlay-canvas:not([aria-label^='Slice 4 '])");
            browser.click("#overlay-play");
            String slice = browser.content("#overlay-slice-word").replaceAll(" of.*", "");
            assertThat(drawn(browser, "Slice " + slice + " of 8, all layers").otherThan(all))
                    .isGreaterThan(0.02);
            assertThat(browser.complaints()).isEmpty();
        }
    }

    /** @return what the overlay shows, once it shows this */
    private static Pixels drawn(Browser browser, String name) throws IOException {
        browser.awaitElement("#overlay-canvas[aria-label^='" + name + "']");
        return Pixels.of(browser.pixels("#overlay-canvas"));
    }

    @Test
    void answersAClipThatSomebodyUploads(@TempDir Path folder) throws IOException {
        Path clip = folder.resolve("<img src=x onerror=alert(1)>.mp4");
        Files.copy(repository.resolve("moving-digits/samples/" + SAMPLE), clip);
        try (Browser browser = console.administrator()) {
            browser.open("/playground?model=moving-digits");
            browser.attach("file", clip);
            browser.click("#go");
            browser.awaitContent("[data-side='B'] .figures", "x smaller");

            assertThat(browser.content("[data-side='A'] .answer")).contains(ANSWER);
            assertThat(browser.has("#preview video")).isTrue();
            assertThat(browser.has("img[src='x']")).isFalse();
            assertThat(browser.complaints()).isEmpty();

            Path text = Files.writeString(folder.resolve("no clip.mp4"), "this is no video");
            browser.attach("file", text);
            browser.click("#go");
            browser.awaitContent("[data-side='B'] .answer", "video");
            assertThat(browser.content("[data-side='A'] .answer .failed")).contains("video");
            assertThat(browser.content("#preview")).contains("This browser cannot show no clip.mp4");
        }
    }

    @Test
    void markupInAnAnswerStaysText() {
        try (Browser browser = console.administrator()) {
            browser.open("/playground?model=marking");
            browser.select("#sample", SAMPLE);
            browser.click("#go");
            browser.awaitContent("[data-side='B'] .figures", "x smaller");

            assertThat(browser.content("[data-side='A'] .answer")).contains(MARKUP.strip() + " 1 moves left");
            assertThat(browser.has(".answer img")).isFalse();
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void theCommandThatItGivesAsksTheSame() throws IOException, InterruptedException {
        try (Browser browser = console.administrator()) {
            browser.open("/playground?model=moving-digits");
            browser.select("#sample", SAMPLE);
            browser.clickFirst("[data-side='A'] summary");
            browser.click("[data-side='A'] [data-copy='python']");
            assertThat(browser.content("[data-side='A'] .command")).contains("tritonclient", SAMPLE);
            browser.click("[data-side='A'] [data-copy='openai']");
            assertThat(browser.content("[data-side='A'] .command")).contains("from openai", SAMPLE);
            browser.click("[data-side='A'] [data-copy='curl']");
            String command = browser.content("[data-side='A'] .command");

            Process bash = new ProcessBuilder("bash", "-c", command)
                    .directory(repository.resolve("moving-digits/samples").toFile())
                    .start();
            String answer = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(bash.waitFor()).isZero();
            assertThat(RunningServer.JSON.readTree(answer).path("text_output").asString())
                    .contains(ANSWER);
        }
    }

    @Test
    void cancelsAnAnswerFromThePageAndFromLive() throws IOException, InterruptedException {
        try (Browser browser = console.administrator();
                Browser watching = console.administrator()) {
            browser.open("/playground?model=talkative");
            browser.select("#sample", SAMPLE);
            browser.fill("max_tokens", "4096");
            browser.click("#go");
            browser.awaitContent("[data-side='A'] .answer", ANSWER);
            assertThat(running()).isEqualTo(1);
            browser.click("#cancel");
            browser.awaitContent("[data-side='A'] .answer", "cancelled");
            awaitNoneRuns();
            assertThat(browser.content("[data-side='B'] .answer"))
                    .as("is not asked after a cancel")
                    .isEmpty();

            browser.click("#go");
            browser.awaitContent("[data-side='A'] .answer", ANSWER);
            watching.open("/live");
            watching.awaitContent("#requests", "talkative");
            watching.picture("live-busy");
            watching.clickFirst("#requests form button");
            watching.awaitText("The request ends within a step.");
            browser.awaitContent("[data-side='A'] .answer", "cancelled");
            browser.awaitContent("[data-side='B'] .answer", "a ");
            browser.click("#cancel");
            awaitNoneRuns();
            assertThat(browser.complaints()).isEmpty();
        }
    }

    private static void awaitNoneRuns() throws IOException, InterruptedException {
        for (int i = 0; i < 400 && running() > 0; i++) {
            Thread.sleep(50);
        }
        assertThat(running()).isZero();
    }

    /** Over all models. */
    private static double running() throws IOException, InterruptedException {
        return console.server
                .metrics()
                .body()
                .lines()
                .filter(line -> line.startsWith("purekv:num_requests_running{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
