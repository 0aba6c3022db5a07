package dev.purekv.console.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.Visitor;
import dev.purekv.console.people.KnownPeople;
import dev.purekv.console.people.Role;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Parameters that try to be headers, addresses of elsewhere, or somebody else's things. */
class HostileRequestTest {
    private static final Pattern SEEN = Pattern.compile("name=\"seen\" value=\"([^\"]+)\"");
    private static final Pattern REVISION = Pattern.compile("/models/fake/history/(\\d+)/restore");
    private static final String LINES = "%0d%0aX-Evil:%20yes%0d%0a%0d%0a%3Cscript%3E";

    @TempDir
    static Path repository;

    private static RunningConsole console;
    private static Visitor admin;

    @BeforeAll
    static void start() throws IOException {
        Files.createDirectories(repository.resolve("fake"));
        Files.writeString(repository.resolve("fake/config.pbtxt"), "backend: \"purekv\"\n");
        console = RunningConsole.start("purekv.model-repository=" + repository);
        admin = KnownPeople.loggedIn(console, Role.ADMIN);
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/login?failed=",
                "/models/",
                "/models/fake/tuning?compression_ratio=",
                "/playground?model=",
                "/playground/samples/talker/",
                "/evaluations?model=",
                "/evaluations/",
                "/evaluations/1/files/",
                "/audit/audit.csv?actor="
            })
    void linesInAnAddressAreNoHeaders(String path) {
        HttpResponse<String> answer = admin.get(path + LINES);

        assertThat(answer.headers().firstValue("X-Evil")).isEmpty();
        assertThat(answer.body()).doesNotContain("<script>\r", "<script>\"", "\n<script><");
    }

    @Test
    void linesInAFieldAreNoHeaders() {
        String evil = "x\r\nX-Evil: yes\r\n\r\n<script>alert(1)</script>";
        for (String[] post : new String[][] {
            {"/people", "name", evil, "role", "viewer"},
            {"/keys", "name", evil},
            {"/live/level", "level", evil},
            {"/live/cancel", "model", evil, "number", "1"},
            {"/evaluations", "model", evil, "ratios", evil, "seed", evil},
            {"/evaluations/questions/remove", "set", evil},
            {"/models/fake/tuning", "seen", evil, "compression_ratio", "5", "reason", evil},
            {"/playground/ask", "id", evil, "model", evil, "text", evil},
            {"/playground/cancel", "id", evil}
        }) {
            String[] fields = new String[post.length - 1];
            System.arraycopy(post, 1, fields, 0, fields.length);

            HttpResponse<String> answer = admin.post(post[0], fields);

            assertThat(answer.headers().firstValue("X-Evil")).as(post[0]).isEmpty();
            assertThat(answer.statusCode()).as(post[0]).isLessThan(500);
            boolean page =
                    answer.headers().firstValue("Content-Type").orElse("").startsWith("text/html");
            assertThat(page ? answer.body() : "").as(post[0]).doesNotContain("<script>alert");
            assertThat(admin.get("/audit").body())
                    .as("the audit log after " + post[0])
                    .doesNotContain("<script>alert");
        }
    }

    @Test
    void noHeaderSendsSomebodyElsewhere() {
        for (String header :
                new String[] {"X-Forwarded-Host", "X-Original-URL", "X-Rewrite-URL", "Referer", "Origin"}) {
            HttpResponse<String> stranger = new Visitor(console).get("/models", header, "https://evil.example/");
            assertThat(stranger.headers().firstValue("Location")).as(header).hasValue("/login");
            assertThat(admin.get("/", header, "https://evil.example/").headers().firstValue("Location"))
                    .as(header)
                    .hasValue("/models");
        }
    }

    @Test
    void aRevisionOfAnotherModelIsNoneOfThisOne() throws IOException {
        admin.post("/models/fake/tuning", "seen", seen("fake"), "compression_ratio", "7");
        Matcher revision = REVISION.matcher(admin.get("/models/fake/history").body());
        assertThat(revision.find()).isTrue();
        Path file = repository.resolve("fake/config.pbtxt");
        String before = Files.readString(file);
        console.bean(JdbcClient.class)
                .sql("update revision set model = 'other' where id = :id")
                .param("id", Long.valueOf(revision.group(1)))
                .update();

        HttpResponse<String> answer =
                admin.post("/models/fake/history/" + revision.group(1) + "/restore", "seen", seen("fake"));

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(file).hasContent(before);
    }

    private static String seen(String model) {
        String page = admin.get("/models/" + model + "/tuning").body();
        Matcher seen = SEEN.matcher(page);
        assertThat(seen.find()).as(page).isTrue();
        return seen.group(1);
    }
}
