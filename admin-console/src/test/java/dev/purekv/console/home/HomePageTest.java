package dev.purekv.console.home;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.doors.Door;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class HomePageTest {
    private static RunningConsole console;
    private static String password;

    @BeforeAll
    static void start() {
        PrintStream standard = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            console = RunningConsole.start();
        } finally {
            System.setOut(standard);
        }
        Matcher said =
                Pattern.compile("user admin, password (\\S{24}) ").matcher(printed.toString(StandardCharsets.UTF_8));
        assertThat(said.find()).isTrue();
        password = said.group(1);
        assertThat(said.find()).isFalse();
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @Test
    void asksForALogin() {
        HttpResponse<String> response = console.get(Door.CONSOLE, "/");

        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(response.headers().firstValue("WWW-Authenticate").orElseThrow())
                .startsWith("Basic");
    }

    @Test
    void refusesAWrongPassword() {
        assertThat(console.send(login("/", password + "x")).statusCode()).isEqualTo(401);
    }

    @Test
    void showsTheServerAndItsModels() {
        HttpResponse<String> response = console.send(login("/", password));

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body())
                .contains("<strong>live</strong>", "<strong>ready</strong>", "fake", "READY", "no weights")
                .contains("&lt;b&gt;odd&lt;/b&gt;")
                .doesNotContain("<b>odd</b>");
        assertThat(response.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'none'");
    }

    @Test
    void servesItsStyleToThoseWhoMaySeeIt() {
        assertThat(console.send(login("/app.css", password)).body()).contains("prefers-color-scheme: dark");
    }

    @Test
    void answersUnknownPagesBy404() {
        assertThat(console.send(login("/nothing", password)).statusCode()).isEqualTo(404);
    }

    private static HttpRequest.Builder login(String path, String secret) {
        String pair = Base64.getEncoder().encodeToString(("admin:" + secret).getBytes(StandardCharsets.UTF_8));
        return console.request(Door.CONSOLE, path).header("Authorization", "Basic " + pair);
    }
}
