package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A console in a real browser, where there is nothing yet, and where its database is gone: each page says what to do next. */
class EmptyConsoleIT {
    /** A page, and a part of what it says. */
    private record Empty(String path, String words) {}

    private static final List<Empty> PAGES = List.of(
            new Empty("/models", "put a folder with a config.pbtxt into the model repository"),
            new Empty("/playground", "load one on the models page"),
            new Empty("/evaluations", "Start one below"),
            new Empty("/live", "Requests show here from their arrival to their last token"),
            new Empty("/remote", "an administrator registers Tritons here"),
            new Empty("/people", "Add a person"),
            new Empty("/audit?subject=nothing", "Nothing fits this filter: widen it"),
            new Empty("/keys", "Make one below"));

    @TempDir
    Path folder;

    @Test
    void saysWhatToDoNext() throws IOException, InterruptedException {
        ConsoleServer.assumeBrowser("EmptyConsoleIT", 1);
        Path repository = Files.createDirectory(folder.resolve("repository"));
        Path keys = Files.writeString(folder.resolve("keys.json"), "{\"keys\": []}");
        SoftAssertions all = new SoftAssertions();
        try (StoreProcess store = new StoreProcess(folder)) {
            List<String> settings = new ArrayList<>(store.settings());
            settings.add("--purekv.keys-file=" + keys);
            try (ConsoleServer console = ConsoleServer.startOn(repository, settings);
                    Browser browser = console.administrator()) {
                Look look = new Look(browser, all);
                for (Empty each : PAGES) {
                    browser.open(each.path());
                    all.assertThat(browser.text()).as(each.path()).contains(each.words());
                    look.at("empty-" + each.path().substring(1).replaceAll("\\W.*", ""));
                }
                browser.fill("name", "first");
                browser.choose("scopes", "metadata");
                browser.click("form[action='/keys'] button");
                browser.awaitText("shown this once");
                look.at("state-keys-new");
                store.kill();
                saysThatItsDatabaseIsGone(console, browser, look);
            }
        }
        all.assertAll();
    }

    private static void saysThatItsDatabaseIsGone(ConsoleServer console, Browser browser, Look look)
            throws IOException {
        browser.open("/models");
        assertThat(browser.status()).isEqualTo(503);
        assertThat(browser.text()).contains("Not now", "The console's database does not answer");
        browser.complaints(); // that it was answered by an error
        look.at("error-503");
        try (Browser stranger = console.browser()) {
            stranger.open("/login");
            stranger.fill("username", "admin");
            stranger.fill("password", ConsoleServer.PASSWORD);
            stranger.click("main button");
            stranger.awaitText("The console's database does not answer");
        }
    }
}
