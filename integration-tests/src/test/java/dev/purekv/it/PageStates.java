package dev.purekv.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Pages after something was asked of them, or went wrong: each is looked at as it stands then. */
final class PageStates {
    private static final String TUNING = "/models/moving-digits/tuning";
    private static final String PREVIEW = "form#tuning > .row button.primary";

    private final ConsoleServer console;
    private final Browser browser;
    private final Look look;

    PageStates(ConsoleServer console, Browser browser, Look look) {
        this.console = console;
        this.browser = browser;
        this.look = look;
    }

    void ofTuning() throws IOException {
        browser.open(TUNING);
        browser.fill("compression_ratio", "4");
        browser.choose("sparse_attention_layer", "5");
        browser.click(PREVIEW);
        browser.awaitElement("#preview");
        look.at("state-tuning-preview");

        browser.open(TUNING);
        browser.fill("compression_ratio", "0.5");
        browser.click(PREVIEW);
        browser.awaitText("Nothing was changed");
        browser.complaints(); // that it was answered by a refusal
        look.at("state-tuning-refused");

        Path file = console.repository.resolve("moving-digits/config.pbtxt");
        Files.writeString(file, Files.readString(file) + "# by hand\n");
        browser.open(TUNING);
        browser.awaitText("Somebody edited config.pbtxt by hand");
        look.at("state-tuning-by-hand");

        browser.open("/models/kv_compression/tuning");
        look.at("state-tuning-stage");
        browser.open("/models/videollama2/tuning");
        look.at("state-tuning-without-layers");
    }

    void ofModels() throws IOException {
        browser.open("/models/videollama2");
        look.at("state-model-not-loaded");
        browser.open("/models");
        browser.click("form[action='/models/videollama2/load'] button");
        browser.awaitContent("#models", "failed");
        look.at("state-models-failed");
        browser.open("/models/videollama2");
        look.at("state-model-failed");
        Path file = console.repository.resolve("videollama2/config.pbtxt");
        String before = Files.readString(file);
        Files.writeString(file, "parameters { key: \"compression_ratio\" value { string_value: \"5 }\n");
        browser.open("/models/videollama2");
        look.at("state-model-unreadable");
        Files.writeString(file, before);
    }

    void ofEvaluations() throws IOException {
        browser.open("/evaluations");
        browser.fill("ratios", "2, 1.2.3");
        browser.click("form[action='/evaluations'] button.primary");
        browser.awaitText("expected numbers such as");
        look.at("state-evaluations-refused");
        browser.open("/evaluations?model=moving-digits");
        browser.fill("limit", "");
        browser.click("form[action='/evaluations'] button.primary");
        browser.awaitElement("#progress progress");
        look.at("state-evaluation-running");
        browser.click("#progress form[action$='/cancel'] button");
        browser.awaitContent("#progress .state", "cancelled");
        look.at("state-evaluation-cancelled");
        browser.open("/evaluations");
        look.at("state-evaluations");
    }

    /** The long answer is ended by the page's own button. */
    void ofPlaygroundAndLive() throws IOException {
        browser.open("/playground?model=moving-digits");
        browser.select("#sample", "digits-16x112-1.mp4");
        browser.click("#go");
        browser.awaitContent("[data-side='B'] .figures", "x smaller");
        browser.clickFirst("[data-side='A'] summary");
        browser.clickFirst("[data-side='A'] [data-copy='python']");
        browser.awaitElement("#overlay-canvas[aria-label^='Slice']");
        look.at("state-playground-answered");

        browser.fill("max_tokens", "9999");
        browser.click("#go");
        browser.awaitContent("[data-side='B'] .answer", "expected 1 to 4096");
        browser.complaints();
        look.at("state-playground-refused");

        browser.open("/live");
        browser.awaitElement("#hour .uplot");
        look.at("state-live-charts");
    }

    void ofRemote() throws IOException {
        browser.open("/remote");
        browser.fill("name", "third");
        browser.fill("address", "ftp://elsewhere");
        browser.click("form[action='/remote/endpoints'] button");
        browser.awaitText("Nothing was registered");
        look.at("state-remote-refused");
        browser.open("/remote/endpoints/far");
        browser.awaitText("nothing listens there");
        look.at("state-endpoint-dead");
        browser.open("/remote/groups/pair/tuning/moving-digits");
        browser.fill("compression_ratio", "0.5");
        browser.click(PREVIEW);
        browser.awaitText("Nothing was changed");
        browser.complaints();
        look.at("state-group-tuning-refused");
        browser.fill("compression_ratio", "3");
        browser.click(PREVIEW);
        browser.awaitElement("#preview");
        look.at("state-group-tuning-preview");
        browser.fill("reason", "for both of them");
        browser.click("#preview button.primary");
        browser.awaitText("for both of them");
        browser.awaitText("as wanted");
        look.at("state-group-wanted");
    }

    void ofPeopleAndLogin() throws IOException {
        browser.open("/people");
        browser.fill("name", "a-name-that-is-as-long-as-a-name-may-be-and-wraps-somewhere.64ch");
        browser.click("form[action='/people'] button");
        browser.awaitText("shown this once");
        look.at("state-people-new");
        browser.open("/audit?actor=nobody");
        look.at("state-audit-nothing-fits");
        browser.open("/password");
        browser.fill("present", "not this one");
        browser.fill("wanted", "correct horse battery two");
        browser.fill("again", "correct horse battery three");
        browser.click("main button");
        browser.awaitText("The present password is wrong");
        browser.complaints();
        look.at("state-password-refused");
        try (Browser stranger = console.browser()) {
            Look at = look.of(stranger);
            stranger.open("/models");
            stranger.awaitPath("/login");
            at.at("state-login");
            ConsoleServer.logIn(stranger, "nobody", "nothing that is right");
            at.at("state-login-failed");
        }
    }

    void ofAddressesThatAreNone() throws IOException {
        String[] addresses = {"/nothing", "/models/none", "/evaluations/none", "/live/drain", "/audit?since=yesterday"};
        for (String address : addresses) {
            browser.open(address);
            browser.complaints(); // that it was answered by an error
            look.at("error-" + browser.status() + address.replaceAll("[^a-z]", "-"));
        }
    }
}
