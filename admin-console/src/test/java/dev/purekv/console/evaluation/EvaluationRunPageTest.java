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
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** The page of an evaluation and its files, after a real run over a set of questions that means harm. */
@Speaks(to = EvaluationController.class)
class EvaluationRunPageTest {
    private static final String EVIL = "=cmd|'/C calc'!A1";
    private static final Path CLIP = Path.of("../model-repository/moving-digits/evaluation/clip-1.mp4");

    private static RunningConsole console;
    private static Visitor operator;
    private static Visitor viewer;
    private static Visitor admin;
    private static String page;

    @BeforeAll
    static void run() throws IOException {
        console = RunningConsole.start("purekv.model-repository=../model-repository");
        operator = KnownPeople.loggedIn(console, Role.OPERATOR);
        viewer = KnownPeople.loggedIn(console, Role.VIEWER);
        admin = KnownPeople.loggedIn(console, Role.ADMIN);
        assertThat(operator.upload("/evaluations/questions", "zip", "a.zip", set(), "name", "evil")
                        .statusCode())
                .isEqualTo(302);
        page = start("upload:evil");
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(() -> !viewer.get(page + "/progress").body().contains("<progress"));
        assertThat(viewer.get(page + "/progress").body()).contains(">done<");
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    private static byte[] set() throws IOException {
        String line = JsonMapper.builder()
                .build()
                .createObjectNode()
                .put("clip", "a.mp4")
                .put("kind", EVIL)
                .put("question", "<script>alert(1)</script>How many digits are there?")
                .put("answer", "\"><img src=x onerror=alert(1)>")
                .toString();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("questions.jsonl"));
            zip.write(line.getBytes(StandardCharsets.UTF_8));
            zip.putNextEntry(new ZipEntry("a.mp4"));
            zip.write(Files.readAllBytes(CLIP));
        }
        return bytes.toByteArray();
    }

    /** @return the path of its page */
    private static String start(String questions) {
        HttpResponse<String> started = operator.post(
                "/evaluations",
                "model",
                "moving-digits",
                "questions",
                questions,
                "methods",
                "purekv",
                "prefill",
                "dense",
                "ratios",
                "2",
                "seed",
                "1");
        String path = started.headers().firstValue("Location").orElseThrow();
        assertThat(path).matches("/evaluations/[\\d-]+");
        return path;
    }

    private static Path folder() {
        return console.stateDirectory().resolve(page.substring(1));
    }

    @Test
    void whatTheQuestionsSayIsNoPartOfThePage() {
        assertThat(viewer.get(page).body())
                .contains("Recommendation.", "results.csv", "upload:evil")
                .doesNotContain("<script>alert", "<img src=x", "onerror=alert");
        assertThat(viewer.get(page + "/progress").body()).doesNotContain("<html", "<script>alert");
    }

    @ParameterizedTest
    @ValueSource(strings = {"results.csv", "results.md", "results.json", "correlations.csv"})
    void filesAreDownloadsAndNoPages(String name) {
        HttpResponse<String> answer = viewer.get(page + "/files/" + name);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/octet-stream");
        assertThat(answer.headers().firstValue("Content-Disposition"))
                .hasValue("attachment; filename=\"" + name + "\"");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(answer.body()).isNotEmpty();
    }

    @Test
    void noCellOfACsvIsAFormula() throws IOException {
        assertThat(Files.readString(folder().resolve("output/results.json"))).contains(EVIL);
        for (String name : new String[] {"results.csv", "correlations.csv"}) {
            String csv = viewer.get(page + "/files/" + name).body();
            assertThat(csv).as(name).doesNotContain("\n=", ",=", ",\"=", "\n\"=", ",@", ",+");
        }
        assertThat(viewer.get(page + "/files/results.csv").body()).contains(",'" + EVIL + ",");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plan.json",
                "state.txt",
                "log.txt",
                "..%2Fplan.json",
                "%2e%2e%2fstate.txt",
                "..",
                "results.csv%00",
                "results.csv%0d%0aX-Evil:%20yes",
                "results.csv;x=y/../../plan.json",
                "quality-by-ratio.png"
            })
    void noOtherFileIsGivenAway(String name) {
        HttpResponse<String> answer = viewer.get(page + "/files/" + name);

        assertThat(answer.statusCode()).isIn(400, 404);
        assertThat(answer.headers().firstValue("X-Evil")).isEmpty();
        assertThat(answer.headers().firstValue("Content-Disposition").orElse(""))
                .doesNotContain("attachment");
        assertThat(answer.body()).doesNotContain("startedBy", "DONE");
    }

    @Test
    void strangersGetNothingAndViewersChangeNothing() {
        for (String path : new String[] {"", "/progress", "/files/results.csv"}) {
            assertThat(new Visitor(console).get(page + path).headers().firstValue("Location"))
                    .hasValue("/login");
        }
        assertThat(viewer.get(page).body()).doesNotContain("Go on</button>", "Apply: look");
        for (String path : new String[] {"/cancel", "/resume"}) {
            assertThat(viewer.post(page + path).statusCode()).isEqualTo(403);
        }
    }

    @Test
    void runsBelongToAllOperatorsAndTheAuditLogSaysWhoEndedOne() {
        String other = start("model:moving-digits");
        admin.post(other + "/cancel");
        assertThat(operator.get(other).body()).contains(">cancelled<");
        assertThat(admin.get("/audit?action=cancel+evaluation").body()).contains(other.substring(13), ">admin<");
        operator.post(other + "/resume");
        operator.post(other + "/cancel");
        assertThat(operator.get(other).body()).contains(">cancelled<");

        operator.post(page + "/cancel");
        assertThat(operator.get(page).body()).contains("not under way any more", ">done<");
        assertThat(admin.get("/audit?action=cancel+evaluation").body()).contains(">refused<");
    }

    /** What a model says may come back in the words of a run that failed, what somebody wrote in its results. */
    @Test
    void wordsOfARunAreText() throws IOException {
        String evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
        EvaluationPlan plan = new EvaluationPlan(
                "moving-digits", "q", List.of("purekv"), List.of(2.0), List.of("dense"), null, List.of("2"), 1, 1);
        RunFolder.Head head = new RunFolder.Head(plan, Instant.now(), evil);
        Path runs = folder().getParent();
        RunFolder failed = RunFolder.create(runs.resolve("20260101-000000-000"), head);
        failed.state(RunState.RUNNING); // nobody takes it up
        failed.problem("The evaluation ended with 1:\n" + evil);
        failed.state(RunState.FAILED);
        RunFolder done = RunFolder.create(runs.resolve("20260101-000000-001"), head);
        done.state(RunState.RUNNING);
        Files.createDirectories(done.output());
        String results = Files.readString(folder().resolve("output/results.json"));
        String quoted = JsonMapper.builder().build().writeValueAsString(evil);
        Files.writeString(done.output().resolve("results.json"), results.replace("\"purekv\"", quoted));
        done.state(RunState.DONE);

        for (String path : new String[] {"/evaluations/20260101-000000-000", "/evaluations/20260101-000000-001"}) {
            String body = viewer.get(path).body();
            assertThat(body).as(path).contains("&lt;script&gt;alert(1)").doesNotContain("<script>alert", "<img src=x");
        }
        assertThat(viewer.get("/evaluations").body())
                .contains("&lt;script&gt;alert(1)")
                .doesNotContain("<img src=x");
    }
}
