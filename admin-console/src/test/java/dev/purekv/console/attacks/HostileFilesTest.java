package dev.purekv.console.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.FakeTalker;
import dev.purekv.console.RunningConsole;
import dev.purekv.console.Visitor;
import dev.purekv.console.people.KnownPeople;
import dev.purekv.console.people.Role;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of files that try to be headers, markup or paths, on the disk and in uploads. */
class HostileFilesTest {
    private static final byte[] CLIP = "a clip".getBytes(StandardCharsets.UTF_8);

    @TempDir
    static Path repository;

    private static RunningConsole console;
    private static Visitor operator;

    @BeforeAll
    static void start() throws IOException {
        Path samples = Files.createDirectories(repository.resolve("fake/samples"));
        Files.writeString(repository.resolve("fake/config.pbtxt"), "backend: \"purekv\"\n");
        Files.writeString(samples.resolve("good.mp4"), "a clip");
        Files.writeString(samples.resolve("a\r\nX-Evil: yes.mp4"), "a clip");
        Files.writeString(samples.resolve("\"><img src=x onerror=alert(1)>.mp4"), "a clip");
        Files.writeString(repository.resolve("secret.mp4"), "hidden words");
        Files.createSymbolicLink(samples.resolve("page.html"), repository.resolve("secret.mp4"));
        console = RunningConsole.start("purekv.model-repository=" + repository);
        console.server.streams.set(true);
        operator = KnownPeople.loggedIn(console, Role.OPERATOR);
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @Test
    void samplesWithOddNamesAreNotOffered() {
        assertThat(operator.get("/playground?model=fake").body())
                .contains("good.mp4")
                .doesNotContain("X-Evil", "<img src=x", "page.html");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a%0d%0aX-Evil:%20yes.mp4",
                "%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E.mp4",
                "page.html",
                "..%2f..%2fsecret.mp4",
                "%2e%2e/%2e%2e/secret.mp4",
                "good.mp4%00.html"
            })
    void noneOfThemIsSent(String name) {
        HttpResponse<String> answer = operator.get("/playground/samples/fake/" + name);

        assertThat(answer.statusCode()).isIn(400, 404);
        assertThat(answer.headers().firstValue("X-Evil")).isEmpty();
        assertThat(answer.body()).doesNotContain("a clip", "hidden words", "<img src=x");
    }

    @Test
    void aSampleIsMediaAndNothingElse() {
        HttpResponse<String> answer = operator.get("/playground/samples/fake/good.mp4");

        assertThat(answer.headers().firstValue("Content-Type")).hasValue("video/mp4");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(answer.body()).isEqualTo("a clip");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../../evil.mp4",
                "..\\\\..\\\\evil.mp4",
                "evil.mp4\\\"; filename=\\\"other.mp4",
                "evil%0d%0aX-Evil: yes.mp4",
                "<img src=x onerror=alert(1)>.mp4"
            })
    void anUploadedClipIsItsBytesWhateverItIsCalled(String name) throws IOException {
        HttpResponse<String> answer = operator.upload(
                "/playground/ask", "file", name, CLIP, "id", "1", "model", FakeTalker.MODEL, "text", "hello");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("X-Evil")).isEmpty();
        assertThat(answer.body()).doesNotContain("evil", "<img");
        assertThat(console.server.requests)
                .last()
                .satisfies(
                        request -> assertThat(FakeTalker.text(request, "video")).isEqualTo("a clip"));
        assertNothingIsCalledEvil();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../evil.zip", "<img src=x onerror=alert(1)>.zip", "evil\\\"\u00e9.zip"})
    void aSetOfQuestionsIsStoredUnderTheNameThatWasTypedAlone(String file) throws IOException {
        HttpResponse<String> answer = operator.upload("/evaluations/questions", "zip", file, CLIP, "name", "../evil");

        assertThat(answer.headers().firstValue("Location")).hasValue("/evaluations");
        assertThat(operator.get("/evaluations").body())
                .contains("The name of a set has up to 64 letters")
                .doesNotContain("<img src=x");
        assertNothingIsCalledEvil();
    }

    private static void assertNothingIsCalledEvil() throws IOException {
        for (Path root : new Path[] {console.stateDirectory().getParent(), repository}) {
            try (Stream<Path> all = Files.walk(root)) {
                assertThat(all.map(each -> each.getFileName().toString())).noneMatch(each -> each.startsWith("evil"));
            }
        }
    }
}
