package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every page of a console that has something to show, in a real browser: it shuts nobody out, and offers nobody too much. */
class PagesIT {
    private static final List<String> ONES_OWN = List.of("/login", "/password");
    private static final Pattern LOADED = Pattern.compile("(?s)\\A(?!.*is being loaded)");

    @TempDir
    static Path repository;

    private static ConsoleServer console;
    private static Pages pages;

    /** A change of settings, an evaluation, and a group whose other endpoint is dead. */
    @BeforeAll
    static void start() throws IOException, InterruptedException {
        console = ConsoleServer.start(repository, "PagesIT", 3);
        ConsoleClient admin = new ConsoleClient(console.server.consolePort()).logIn("admin");
        admin.tune("half of it", "compression_ratio", "2");
        admin.await("/models/moving-digits/history", LOADED);
        admin.post("/remote/endpoints", "name", "near", "address", "here", "group", "pair");
        admin.post("/remote/endpoints", "name", "far", "address", "http://127.0.0.1:9", "group", "pair");
        String run = admin.evaluate(2);
        admin.await(run, Pattern.compile("Recommendation\\."));
        pages = new Pages(Map.of(
                "{model}",
                "moving-digits",
                "/evaluations/{id}",
                run,
                "/endpoints/{name}",
                "/endpoints/near",
                "{group}",
                "pair"));
    }

    @AfterAll
    static void stop() {
        if (console != null) {
            console.close();
        }
    }

    @Test
    void noPageShutsAnybodyOut() throws IOException {
        try (Browser browser = console.administrator()) {
            SoftAssertions all = new SoftAssertions();
            Look look = new Look(browser, all);
            for (String path : pages.pages()) {
                browser.open(path);
                if (path.equals("/error")) {
                    browser.complaints(); // that it was answered by an error
                } else {
                    all.assertThat(browser.status()).as(path).isEqualTo(200);
                }
                all.assertThat(browser.has("header.top")).as(path).isTrue();
                look.at(name(path));
            }
            for (String path : pages.parts()) {
                browser.open(path);
                all.assertThat(browser.status()).as(path).isEqualTo(200);
                all.assertThat(browser.has("header.top"))
                        .as(path + " is no page")
                        .isFalse();
            }
            all.assertAll();
        }
    }

    @Test
    void noStateOfAPageShutsAnybodyOut() throws Exception {
        try (Browser browser = console.administrator()) {
            SoftAssertions all = new SoftAssertions();
            PageStates states = new PageStates(console, browser, new Look(browser, all));
            states.ofTuning();
            states.ofModels();
            states.ofEvaluations();
            states.ofPlaygroundAndLive();
            states.ofRemote();
            states.ofPeopleAndLogin();
            states.ofAddressesThatAreNone();
            all.assertAll();
        }
    }

    @Test
    void aViewerFindsNothingToChange() throws IOException {
        List<String> refused = new ArrayList<>();
        try (Browser viewer = console.firstLogin("vera", console.addPerson("vera", "viewer"))) {
            SoftAssertions all = new SoftAssertions();
            for (String path : pages.pages()) {
                viewer.open(path);
                if (viewer.status() == 403) {
                    refused.add(path);
                    all.assertThat(viewer.text()).contains("an administrator can change your role");
                } else if (!ONES_OWN.contains(path)) {
                    all.assertThat(viewer.possibleChanges()).as(path).isEmpty();
                }
            }
            all.assertThat(refused).containsExactlyInAnyOrder("/people", "/audit", "/keys");
            viewer.open("/models/moving-digits/tuning");
            all.assertThat(viewer.text()).contains("operators and administrators may change this");
            viewer.open("/people");
            viewer.complaints();
            new Look(viewer, all).at("error-403");
            all.assertAll();
        }
        try (Browser admin = console.administrator()) {
            admin.open("/models");
            assertThat(admin.possibleChanges())
                    .as("what the same question finds for others")
                    .isNotEmpty();
        }
    }

    private static String name(String path) {
        return path.substring(1).replaceFirst("^evaluations/.+", "evaluation").replace('/', '-');
    }
}
