package dev.purekv.console.people;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.Visitor;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class FirstPersonTest {
    private static final Pattern PRINTED = Pattern.compile("user admin, password (\\S{24}) ");

    @Test
    void mayDoNothingButChooseAnotherPassword() {
        PrintStream standard = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        RunningConsole console;
        try {
            console = RunningConsole.start();
        } finally {
            System.setOut(standard);
        }
        try (console) {
            String first = password(printed.toString(StandardCharsets.UTF_8));
            Visitor admin = new Visitor(console);
            admin.login("admin", first);

            assertThat(admin.get("/people").headers().firstValue("Location")).hasValue("/password");
            assertThat(admin.post("/people", "name", "x", "role", "admin")
                            .headers()
                            .firstValue("Location"))
                    .hasValue("/password");

            HttpResponse<String> changed = admin.post(
                    "/password", "present", first, "wanted", KnownPeople.PASSWORD, "again", KnownPeople.PASSWORD);
            assertThat(changed.headers().firstValue("Location")).hasValue("/login?changed");

            Visitor again = new Visitor(console);
            assertThat(again.login("admin", first).headers().firstValue("Location"))
                    .hasValue("/login?failed");
            again.login("admin", KnownPeople.PASSWORD);
            assertThat(again.get("/people").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void getsANewPasswordAtEachStartUntilItWasChanged() {
        try (RunningConsole console = RunningConsole.start()) {
            People people = console.bean(People.class);
            String before = people.find("admin").orElseThrow().passwordHash();

            new FirstPerson(people).afterPropertiesSet();
            String after = people.find("admin").orElseThrow().passwordHash();
            people.changePassword("admin", KnownPeople.PASSWORD, false);
            String chosen = people.find("admin").orElseThrow().passwordHash();
            new FirstPerson(people).afterPropertiesSet();

            assertThat(after).isNotEqualTo(before);
            assertThat(people.find("admin").orElseThrow().passwordHash()).isEqualTo(chosen);
        }
    }

    private static String password(String printed) {
        Matcher said = PRINTED.matcher(printed);
        assertThat(said.find()).isTrue();
        String password = said.group(1);
        assertThat(said.find()).as("printed once").isFalse();
        return password;
    }
}
