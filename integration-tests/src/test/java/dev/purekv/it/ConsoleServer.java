package dev.purekv.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        if (!Browser.isHere()) {
            System.out.println(name + ": " + journeys
                    + " journeys in a browser are NOT RUN: no /usr/bin/chromium and /usr/bin/chromedriver"
                    + " (apt-get install chromium chromium-driver)");
        }
        Assumptions.assumeTrue(Browser.isHere(), "no Chromium here");
        copy(DEMONSTRATION, repository);
        ConsoleServer console = new ConsoleServer(repository, RunningServer.start(repository));
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
