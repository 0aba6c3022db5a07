package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evaluating a model in a real browser: from a set of questions to a setting that serves. */
class EvaluationIT {
    private static final String LINE =
            "{\"clip\":\"a.mp4\",\"kind\":\"count\",\"question\":\"How many digits are there?\",\"answer\":\"2\"}\n";

    @TempDir
    static Path repository;

    private static ConsoleServer console;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        console = ConsoleServer.start(repository, "EvaluationIT", 3);
    }

    @AfterAll
    static void stop() {
        if (console != null) {
            console.close();
        }
    }

    @Test
    void leadsFromAnEvaluationToASettingThatServes() throws IOException, InterruptedException {
        try (Browser browser = console.administrator()) {
            browser.open("/evaluations?model=moving-digits");
            browser.choose("methods", "snapkv");
            browser.fill("ratios", "1.5, 5");
            browser.fill("limit", "2");
            browser.click("form[action='/evaluations'] button.primary");
            browser.awaitText("Evaluation of moving-digits");
            browser.awaitElement("#progress progress");
            browser.awaitElement("#progress a[href^='/evaluations/']");
            browser.click("#progress a[href^='/evaluations/']");
            browser.awaitText("Recommendation.");
            browser.awaitElement(".chart canvas");
            assertThat(browser.text()).contains("smaller", "With 2 questions a single one is 50.0 points");
            browser.picture("evaluation-done");
            assertThat(browser.barriers()).isEmpty();

            browser.click(".note.good button.primary");
            browser.awaitElement("#preview");
            browser.awaitText("The evaluation of");
            browser.fill("reason", "as the evaluation says");
            browser.click("#preview button.primary");
            browser.awaitText("as the evaluation says");
            browser.awaitNoText("is being loaded; the old one serves");
            assertThat(browser.complaints()).isEmpty();
        }
        assertThat(RunningServer.json(console.server.get("/v2/models/moving-digits/config"))
                        .at("/parameters/compression_ratio/string_value")
                        .asString())
                .isIn("1.5", "5");
    }

    @Test
    void endsAnEvaluationAndGoesOnWithIt() {
        try (Browser browser = console.administrator()) {
            browser.open("/evaluations?model=moving-digits");
            browser.fill("limit", "");
            browser.click("form[action='/evaluations'] button.primary");
            browser.awaitElement("#progress progress");
            browser.click("#progress form[action$='/cancel'] button");
            browser.awaitText("Cancelled: what it has found is kept.");
            browser.awaitContent("#progress .state", "cancelled");
            browser.click("#progress form[action$='/resume'] button");
            browser.awaitText("It goes on where it stopped.");
            browser.click("#progress form[action$='/cancel'] button");
            browser.awaitContent("#progress .state", "cancelled");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void saysWhatIsWrongWithASetOfQuestionsAndTakesARightOne(@TempDir Path folder) throws IOException {
        byte[] clip = Files.readAllBytes(repository.resolve("moving-digits/evaluation/clip-1.mp4"));
        byte[] line = bytes(LINE);
        Path noZip = Files.write(folder.resolve("no.zip"), bytes("this is no zip"));
        try (Browser browser = console.administrator()) {
            browser.open("/evaluations");
            upload(browser, noZip, "The file is no zip, or an empty one.");
            upload(
                    browser,
                    zip(folder, Map.of("questions.jsonl", line, "../../a.mp4", clip)),
                    "with plain names, at most one folder deep; got '../../a.mp4'");
            upload(browser, zip(folder, Map.of("questions.jsonl", new byte[17 << 20])), "larger than allowed");
            upload(
                    browser,
                    zip(folder, Map.of("questions.jsonl", bytes("{\"clip\": <b>\n"), "a.mp4", clip)),
                    "Question 1 is no line of JSON.");
            upload(
                    browser,
                    zip(folder, Map.of("questions.jsonl", line, "a.mp4", bytes("a text"))),
                    "Question 1: 'a.mp4' is no video");
            upload(
                    browser,
                    zip(folder, Map.of("questions.jsonl", line, "a.mp4", clip)),
                    "The set upload:mine can be evaluated now.");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    private static void upload(Browser browser, Path zip, String answer) {
        browser.fillIn("form[action='/evaluations/questions'] [name='name']", "mine");
        browser.attach("zip", zip);
        browser.click("form[action='/evaluations/questions'] button");
        browser.awaitText(answer);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Path zip(Path folder, Map<String, byte[]> contents) throws IOException {
        Path file = Files.createTempFile(folder, "set", ".zip");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> each : contents.entrySet()) {
                zip.putNextEntry(new ZipEntry(each.getKey()));
                zip.write(each.getValue());
            }
        }
        return file;
    }
}
