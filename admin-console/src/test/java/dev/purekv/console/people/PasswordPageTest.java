package dev.purekv.console.people;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.Visitor;
import dev.purekv.console.controllers.Speaks;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@Speaks(to = PasswordController.class)
class PasswordPageTest {
    private static final String WANTED = "another good one";
    private static RunningConsole console;

    @BeforeAll
    static void start() {
        console = RunningConsole.start();
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @Test
    void refusesPasswordsThatAreShortOrTheSameOrSayTheName() {
        Visitor visitor = visitor("picky");

        assertThat(refusal(visitor, "short", "short")).contains("at least 12 characters");
        assertThat(refusal(visitor, WANTED, WANTED + "!")).contains("repetition differ");
        assertThat(refusal(visitor, KnownPeople.PASSWORD, KnownPeople.PASSWORD)).contains("must differ");
        assertThat(refusal(visitor, "my name is Picky", "my name is Picky")).contains("must not hold your name");
        assertThat(refusal(visitor, "aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaa")).contains("five different characters");
        assertThat(refusal(visitor, "\u00e4".repeat(30) + "bcdef 12345 67", "\u00e4".repeat(30) + "bcdef 12345 67"))
                .contains("at most 72 bytes");
        assertThat(new Visitor(console)
                        .login("picky", KnownPeople.PASSWORD)
                        .headers()
                        .firstValue("Location"))
                .as("nothing changed")
                .hasValue("/");
    }

    @Test
    void locksWhoGuessesThePresentOne() {
        Visitor visitor = visitor("guessed");
        for (int i = 0; i < People.FAILURES; i++) {
            visitor.post("/password", "present", "guess " + i, "wanted", WANTED, "again", WANTED);
        }

        assertThat(refusal(visitor, WANTED, WANTED)).contains("wrong too often");
    }

    @Test
    void endsEverySessionOfThePerson() {
        Visitor here = visitor("moving");
        Visitor elsewhere = new Visitor(console);
        elsewhere.login("moving", KnownPeople.PASSWORD);

        here.post("/password", "present", KnownPeople.PASSWORD, "wanted", WANTED, "again", WANTED);

        assertThat(here.get("/models").statusCode()).isEqualTo(302);
        assertThat(elsewhere.get("/models").statusCode()).isEqualTo(302);
        assertThat(elsewhere.login("moving", WANTED).headers().firstValue("Location"))
                .hasValue("/");
    }

    private static String refusal(Visitor visitor, String wanted, String again) {
        return visitor.post("/password", "present", KnownPeople.PASSWORD, "wanted", wanted, "again", again)
                .body();
    }

    private static Visitor visitor(String name) {
        KnownPeople.add(console, name, Role.VIEWER);
        Visitor visitor = new Visitor(console);
        visitor.login(name, KnownPeople.PASSWORD);
        return visitor;
    }
}
