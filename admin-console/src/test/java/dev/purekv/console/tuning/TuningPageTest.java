package dev.purekv.console.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.Visitor;
import dev.purekv.console.controllers.Speaks;
import dev.purekv.console.people.KnownPeople;
import dev.purekv.console.people.Role;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Speaks(to = TuningController.class)
class TuningPageTest {
    private static final Pattern SEEN = Pattern.compile("name=\"seen\" value=\"([0-9a-f]{64})\"");
    private static final Pattern RESTORE = Pattern.compile("/models/fake/history/(\\d+)/restore");
    private static final String FILE = """
            # The operator's words.
            backend: "purekv"
            parameters { key: "compression_ratio" value { string_value: "2" } } # chosen by hand
            """;

    @TempDir
    static Path repository;

    private static Path file;
    private static RunningConsole console;
    private static Visitor operator;
    private static Visitor viewer;

    @BeforeAll
    static void start() throws IOException {
        Path version = Files.createDirectories(repository.resolve("fake/1"));
        Files.writeString(version.resolve("config.json"), """
                {"text_config": {"num_hidden_layers": 8, "num_attention_heads": 4, "num_key_value_heads": 2, "hidden_size": 128}}
                """);
        file = repository.resolve("fake/config.pbtxt");
        Files.writeString(file, FILE);
        console = RunningConsole.start("purekv.model-repository=" + repository);
        operator = KnownPeople.loggedIn(console, Role.OPERATOR);
        viewer = KnownPeople.loggedIn(console, Role.VIEWER);
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @BeforeEach
    void startAnew() throws IOException {
        settled();
        Files.writeString(file, FILE);
        console.server.control.clear();
        console.server.loadFailure.set(null);
    }

    @Test
    void anEvaluationsSettingsComeAsAPreviewAndChangeNothing() throws IOException {
        HttpResponse<String> page =
                operator.get("/models/fake/tuning?compression_ratio=5.0&kv_policy=snapkv&nonsense=1");

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body())
                .contains(
                        "id=\"preview\"",
                        "snapkv",
                        "covers exactly these settings yet: what they do to answers is not known")
                .doesNotContain("nonsense");
        assertThat(Files.readString(file)).isEqualTo(FILE);
        assertThat(operator.get("/models/fake/tuning?compression_ratio=0.1").statusCode())
                .isEqualTo(422);
    }

    @Test
    void showsWhatTheFileSaysAndItsShareOfTheCache() {
        String page = viewer.get("/models/fake/tuning").body();

        assertThat(page)
                .contains("name=\"compression_ratio\" id=\"ratio\" inputmode=\"decimal\" size=\"6\" value=\"2\"")
                .contains("<strong>50 percent</strong>", "2 MiB", "3.9 MiB")
                .contains("data-layers=\"8\"")
                .doesNotContain("Preview</button>");
    }

    @Test
    void previewsTheDifferenceAndChangesNothing() {
        String page =
                preview("compression_ratio", "5", "token_pruning_layer", "6").body();

        assertThat(page)
                .contains(">compression_ratio<", "<del>2</del>", "<ins>5</ins>", "<ins>6</ins>")
                .contains("<strong>20 percent</strong>", "2 of 8 layers neither compute nor keep");
        assertThat(file).hasContent(FILE);
        assertThat(console.server.control).isEmpty();
    }

    @Test
    void refusesWhatTheBackendWouldRefuseInItsWords() {
        HttpResponse<String> ratio = preview("compression_ratio", "0.2");
        HttpResponse<String> layers = preview("clie_layer", "5", "sparse_attention_layer", "3");
        HttpResponse<String> outside = preview("sparse_attention_layer", "8");
        HttpResponse<String> policy = preview("kv_policy", "<script>alert(1)</script>");

        assertThat(ratio.statusCode()).isEqualTo(422);
        assertThat(ratio.body()).contains("must be at least 1, got 0.2");
        assertThat(layers.body()).contains("must be off or above every &#39;clie_layer&#39; [5], got 3");
        assertThat(outside.body()).contains("must be below 8, the layers of this model, got 8");
        assertThat(policy.body()).contains("must be one of purekv, full").doesNotContain("<script>alert");
        assertThat(operator.post("/models/fake/tuning", "seen", seen(), "compression_ratio", "0.2")
                        .statusCode())
                .isEqualTo(400);
        assertThat(file).hasContent(FILE);
    }

    @Test
    void writesTheFileAroundTheOperatorsWordsAndLoadsIt() {
        apply("compression_ratio", "5", "reason", "it was tried");
        String history = settled();

        assertThat(file).hasContent(FILE.replace("\"2\"", "\"5\""));
        assertThat(console.server.control).containsExactly("load fake null ");
        assertThat(history).contains("it was tried", "loaded", ">operator<", "<del>2</del>", "<ins>5</ins>");
    }

    @Test
    void takesTheFileBackWhereItsLoadFails() {
        console.server.loadFailure.set("no room for it");

        apply("compression_ratio", "7");
        String history = settled();

        assertThat(history).contains("refused, taken back", "no room for it");
        assertThat(file).hasContent(FILE);
    }

    @Test
    void tellsTheSecondOfTwoOperators() {
        String seenByBoth = seen();
        apply("compression_ratio", "5", "reason", "I was first");
        settled();

        HttpResponse<String> second =
                operator.post("/models/fake/tuning", "seen", seenByBoth, "compression_ratio", "9");

        assertThat(second.headers().firstValue("Location").orElseThrow()).startsWith("/models/fake/tuning");
        assertThat(operator.get("/models/fake/tuning").body())
                .contains("Nothing was changed: operator changed it at", "because: I was first");
        assertThat(file).hasContent(FILE.replace("\"2\"", "\"5\""));
    }

    @Test
    void noticesAnEditByHandAndWritesNothingOverIt() throws IOException {
        String before = seen();
        Files.writeString(file, FILE + "# mine\n");

        HttpResponse<String> refused = operator.post("/models/fake/tuning", "seen", before, "compression_ratio", "9");

        assertThat(refused.headers().firstValue("Location").orElseThrow()).startsWith("/models/fake/tuning");
        assertThat(operator.get("/models/fake/tuning").body()).contains("Somebody edited config.pbtxt by hand");
        assertThat(operator.get("/models/fake/history").body()).contains("edited by hand");
        assertThat(file).hasContent(FILE + "# mine\n");
    }

    @Test
    void leadsBackToAnEarlierState() {
        operator.get("/models/fake/history");
        apply("compression_ratio", "5");
        String history = settled();
        Matcher earlier = RESTORE.matcher(history);
        assertThat(earlier.find()).isTrue();

        operator.post("/models/fake/history/" + earlier.group(1) + "/restore", "seen", seen());
        settled();

        assertThat(file).hasContent(FILE);
        assertThat(operator.get("/models/fake/history").body())
                .contains(">restored<", ">: back to revision " + earlier.group(1) + "<");
        assertThat(operator.post("/models/fake/history/999999/restore", "seen", seen())
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void letsViewersLookAlone() {
        String seen = seen();

        assertThat(viewer.post("/models/fake/tuning", "seen", seen, "compression_ratio", "9")
                        .statusCode())
                .isEqualTo(403);
        assertThat(viewer.post("/models/fake/tuning/preview", "seen", seen).statusCode())
                .isEqualTo(403);
        assertThat(viewer.post("/models/fake/history/1/restore", "seen", seen).statusCode())
                .isEqualTo(403);
        assertThat(operator.postRaw("/models/fake/tuning", "seen=" + seen + "&compression_ratio=9")
                        .statusCode())
                .isEqualTo(403);
        assertThat(file).hasContent(FILE);
    }

    @Test
    void saysWhenThereIsNothingToApply() {
        assertThat(preview("compression_ratio", "2.0").body()).contains("there is nothing to apply");
        apply("compression_ratio", "2.0");
        assertThat(operator.get("/models/fake/tuning").body()).contains("Everything is set like this already.");
        assertThat(console.server.control).isEmpty();
    }

    private static String seen() {
        Matcher seen = SEEN.matcher(operator.get("/models/fake/tuning").body());
        assertThat(seen.find()).isTrue();
        return seen.group(1);
    }

    private static HttpResponse<String> preview(String... fields) {
        return operator.post("/models/fake/tuning/preview", withSeen(fields));
    }

    private static void apply(String... fields) {
        assertThat(operator.post("/models/fake/tuning", withSeen(fields)).statusCode())
                .isEqualTo(302);
    }

    private static String[] withSeen(String... fields) {
        String[] all = new String[fields.length + 2];
        all[0] = "seen";
        all[1] = seen();
        System.arraycopy(fields, 0, all, 2, fields.length);
        return all;
    }

    /** @return the history once no load runs */
    private static String settled() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(
                        () -> operator.get("/models/fake/history").body()
                                + operator.get("/models").body(),
                        page -> !page.contains(">loading<") && !page.contains("loading for"));
    }
}
