package dev.purekv.console.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.Visitor;
import dev.purekv.console.controllers.Speaks;
import dev.purekv.console.people.KnownPeople;
import dev.purekv.console.people.Role;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Speaks(to = EvaluationsController.class)
class EvaluationPagesTest {
    private static RunningConsole console;
    private static Visitor operator;
    private static Visitor viewer;

    @BeforeAll
    static void start() {
        console = RunningConsole.start("purekv.model-repository=../model-repository");
        operator = KnownPeople.loggedIn(console, Role.OPERATOR);
        viewer = KnownPeople.loggedIn(console, Role.VIEWER);
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    private static HttpResponse<String> start(Visitor who, String model, String ratios) {
        return who.post(
                "/evaluations",
                "model",
                model,
                "questions",
                "model:moving-digits",
                "methods",
                "purekv",
                "prefill",
                "dense",
                "ratios",
                ratios,
                "limit",
                "1",
                "seed",
                "1");
    }

    @Test
    void thePageOffersWhatCanBeEvaluatedToOperatorsAlone() {
        assertThat(operator.get("/evaluations").body())
                .contains("No evaluation yet", "model:moving-digits", "value=\"snapkv\"", ">Start<", "Upload");
        assertThat(viewer.get("/evaluations").body())
                .contains("No evaluation yet")
                .doesNotContain(">Start<", "Upload");
        assertThat(start(viewer, "fake", "2").statusCode()).isEqualTo(403);
    }

    @Test
    void whatCannotBeEvaluatedIsToldOnTheNextPage() {
        assertThat(start(operator, "fake", "2").headers().firstValue("Location"))
                .hasValue("/evaluations");
        assertThat(operator.get("/evaluations").body()).contains("The model fake cannot be evaluated");
        start(operator, "fake", "two");
        assertThat(operator.get("/evaluations").body()).contains("Ratios: expected numbers");
        start(operator, "../x", "2");
        assertThat(operator.get("/evaluations").body()).contains("cannot be evaluated");
    }

    @ParameterizedTest
    @ValueSource(strings = {"20260101-000000-000", "..", "%2e%2e", "x"})
    void aRunThatIsNoneIsNotFound(String id) {
        for (String path : new String[] {"", "/progress", "/files/results.csv"}) {
            assertThat(viewer.get("/evaluations/" + id + path).statusCode()).isIn(302, 400, 404);
        }
        assertThat(operator.post("/evaluations/" + id + "/cancel").statusCode()).isIn(400, 404, 405);
    }

    @Test
    void aSetIsUploadedOnceAndRemoved() throws IOException {
        byte[] zip = zip();
        operator.upload("/evaluations/questions", "zip", "a.zip", zip, "name", "mine");
        assertThat(operator.get("/evaluations").body())
                .contains("The set upload:mine can be evaluated now.", "value=\"upload:mine\"");
        operator.upload("/evaluations/questions", "zip", "a.zip", zip, "name", "mine");
        assertThat(operator.get("/evaluations").body()).contains("a set of this name already");
        assertThat(viewer.upload("/evaluations/questions", "zip", "a.zip", zip, "name", "yours")
                        .statusCode())
                .isEqualTo(403);
        operator.post("/evaluations/questions/remove", "set", "upload:mine");
        assertThat(operator.get("/evaluations").body())
                .contains("The set upload:mine is gone.")
                .doesNotContain("value=\"upload:mine\"");
    }

    private static byte[] zip() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("questions.jsonl"));
            zip.write("{\"clip\":\"a.mp4\",\"kind\":\"count\",\"question\":\"How many?\",\"answer\":\"2\"}"
                    .getBytes(StandardCharsets.UTF_8));
            zip.putNextEntry(new ZipEntry("a.mp4"));
            zip.write(Files.readAllBytes(Path.of("../model-repository/moving-digits/evaluation/clip-1.mp4")));
        }
        return bytes.toByteArray();
    }

    @Test
    void aSetThatIsNoneCannotBeRemoved() {
        operator.post("/evaluations/questions/remove", "set", "model:moving-digits");
        assertThat(operator.get("/evaluations").body()).contains("Only uploaded sets can be removed");
        operator.post("/evaluations/questions/remove", "set", "upload:../evaluations");
        assertThat(operator.get("/evaluations").body()).contains("no set of questions of this name");
    }
}
