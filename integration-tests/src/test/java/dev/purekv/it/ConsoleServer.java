package dev.purekv.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A server with the demonstration's repository in a folder of its own, and its console, whose first login is done. */
final class ConsoleServer implements AutoCloseable {
    static final Path DEMONSTRATION = Path.of("model-repository");
    static final String PASSWORD = "correct horse battery";

    final Path repository;
    final RunningServer server;

    private ConsoleServer(Path repository, RunningServer server) {
        this.repository = repository;
        this.server = server;
    }

    /**
     * Skips the class, aloud, where there is no browser.
     *
     * @param repository empty; takes a copy of the demonstration's
     * @param journeys how many are not run then
     */
    static ConsoleServer start(Path repository, String name, int journeys) throws IOException, InterruptedException {
        assumeBrowser(name, journeys);
        copy(DEMONSTRATION, repository);
        return startOn(repository, List.of());
    }

    /** Skips the class, aloud, where there is no browser. */
    static void assumeBrowser(String name, int journeys) {
        if (!Browser.isHere()) {
            System.out.println(name + ": " + journeys
                    + " journeys in a browser are NOT RUN: no /usr/bin/chromium and /usr/bin/chromedriver"
                    + " (apt-get install chromium chromium-driver)");
        }
        Assumptions.assumeTrue(Browser.isHere(), "no Chromium here");
    }

    /**
     * @param repository as it is
     * @param settings more arguments of the server
     */
    static ConsoleServer startOn(Path repository, List<String> settings) throws IOException, InterruptedException {
        ConsoleServer console = new ConsoleServer(repository, RunningServer.start(repository, Map.of(), settings));
        Matcher printed = Pattern.compile("user admin, password (\\S{24}) ").matcher(console.server.log());
        if (!printed.find()) {
            console.close();
            throw new IllegalStateException("no first password in the log");
        }
        try (Browser browser = console.browser()) {
            logIn(browser, "admin", printed.group(1));
            choosePassword(browser, printed.group(1));
            logIn(browser, "admin", PASSWORD);
            browser.awaitPath("/models");
        }
        return console;
    }

    Browser browser() {
        return new Browser(server.consolePort());
    }

    /** @return one in which the administrator is logged in */
    Browser administrator() {
        Browser browser = browser();
        logIn(browser, "admin", PASSWORD);
        browser.awaitPath("/models");
        return browser;
    }

    /**
     * As an administrator does it on the page of people.
     *
     * @return the password for the first login, from the page
     */
    String addPerson(String name, String role) {
        try (Browser admin = administrator()) {
            admin.open("/people");
            admin.fill("name", name);
            admin.select("form[action='/people'] [name='role']", role);
            admin.click("form[action='/people'] button");
            admin.awaitText("shown this once");
            Matcher given = Pattern.compile("shown this once: (\\S{24})").matcher(admin.text());
            if (!given.find()) {
                throw new AssertionError("no password on the page: " + admin.text());
            }
            return given.group(1);
        }
    }

    /** @return one in which this person, who chose a password at the first login, is logged in */
    Browser firstLogin(String name, String given) {
        Browser browser = browser();
        logIn(browser, name, given);
        choosePassword(browser, given);
        logIn(browser, name, PASSWORD);
        browser.awaitPath("/models");
        return browser;
    }

    /** Adds a second model to a repository, the first one's weights, which never ends an answer by itself. */
    static void addTalkative(Path repository) throws IOException {
        Path talkative = repository.resolve("talkative");
        copy(DEMONSTRATION.resolve("moving-digits"), talkative);
        Path generation = talkative.resolve("1/generation_config.json");
        Files.writeString(
                generation,
                Files.readString(generation).replaceAll("(?s)\"eos_token_id\": \\[.*?]", "\"eos_token_id\": [0]"));
    }

    static void logIn(Browser browser, String name, String password) {
        browser.open("/login");
        browser.fill("username", name);
        browser.fill("password", password);
        browser.click("main button");
        browser.awaitOtherPathThan("/login");
    }

    static void choosePassword(Browser browser, String present) {
        browser.awaitPath("/password");
        browser.fill("present", present);
        browser.fill("wanted", PASSWORD);
        browser.fill("again", PASSWORD);
        browser.click("main button");
        browser.awaitPath("/login?changed");
    }

    static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path each : files.toList()) {
                Path copied = to.resolve(from.relativize(each).toString());
                if (Files.isDirectory(each)) {
                    Files.createDirectories(copied);
                } else {
                    Files.copy(each, copied);
                }
            }
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
