package dev.purekv.console.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.Visitor;
import dev.purekv.console.attacks.Mapping;
import dev.purekv.console.people.KnownPeople;
import dev.purekv.console.people.Role;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The table of pages, by which the journeys in a browser know what to visit: nothing that the console has is missing there. */
class PageTableTest {
    /** @param word what the path gives */
    private record Row(String word, String pattern) {
        static Row of(String line) {
            String[] parts = line.split(" ", 2);
            return new Row(parts[0], parts[1]);
        }
    }

    private static List<Row> table;
    private static RunningConsole console;
    private static Visitor admin;

    @BeforeAll
    static void start() throws IOException {
        try (InputStream in = PageTableTest.class.getResourceAsStream("/pages.txt")) {
            table = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(Row::of)
                    .toList();
        }
        console = RunningConsole.start();
        admin = KnownPeople.loggedIn(console, Role.ADMIN);
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @Test
    void namesEveryAddressThatCanBeRead() {
        assertThat(table.stream().map(Row::pattern))
                .containsExactlyInAnyOrderElementsOf(Mapping.all(console).stream()
                        .filter(Mapping::reads)
                        .map(Mapping::pattern)
                        .toList());
        assertThat(table.stream().map(Row::word)).containsOnly("page", "part", "file", "elsewhere");
    }

    /** Of addresses with names in them the browser sees what they give. */
    @Test
    void saysRightlyWhatEachAddressGives() {
        SoftAssertions all = new SoftAssertions();
        table.stream()
                .filter(row -> !row.pattern().contains("{"))
                .forEach(row -> all.assertThat(given(admin.get(row.pattern(), "Accept", "text/html,*/*")))
                        .as(row.pattern())
                        .isEqualTo(row.word()));
        all.assertAll();
    }

    private static String given(HttpResponse<String> answer) {
        if (answer.statusCode() == 302) {
            return "elsewhere";
        }
        if (answer.body().contains("<html")) {
            return "page";
        }
        boolean html = answer.headers().firstValue("Content-Type").orElse("").startsWith("text/html");
        return html ? "part" : "file";
    }
}
