package dev.purekv.console.models;

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
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Speaks(to = ModelsController.class)
class ModelsPageTest {
    @TempDir
    static Path repository;

    private static RunningConsole console;
    private static Visitor operator;
    private static Visitor viewer;

    @BeforeAll
    static void start() throws IOException {
        Files.createDirectories(repository.resolve("fake"));
        Files.writeString(repository.resolve("fake/config.pbtxt"), """
                backend: "purekv" # </pre><script>alert(1)</script>
                parameters { key: "compression_ratio" value { string_value: "5" } }
                """);
        console = RunningConsole.start("purekv.model-repository=" + repository);
        operator = KnownPeople.loggedIn(console, Role.OPERATOR);
        viewer = KnownPeople.loggedIn(console, Role.VIEWER);
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @Test
    void listsModelsWithStatePolicyRatioAndReason() {
        String page = viewer.get("/models").body();

        assertThat(page)
                .contains("<strong>live</strong>", "<strong>ready</strong>", "fake", ">ready<", ">purekv<", ">5x<")
                .contains("no weights");
        assertThat(viewer.get("/").headers().firstValue("Location")).hasValue("/models");
    }

    @Test
    void showsMarkupInNamesAndFilesAsText() {
        assertThat(viewer.get("/models").body())
                .contains("&lt;b&gt;odd&lt;/b&gt;")
                .doesNotContain("<b>odd</b>");
        assertThat(viewer.get("/models/fake").body())
                .contains("&lt;/pre&gt;&lt;script&gt;alert(1)")
                .doesNotContain("<script>alert");
    }

    @Test
    void refreshesItsTableAlone() {
        assertThat(viewer.get("/models/table").body().strip())
                .startsWith("<div id=\"models\"")
                .contains("hx-trigger=\"every 5s\"")
                .doesNotContain("<html");
    }

    @Test
    void showsParametersFileAndCompletedConfiguration() {
        assertThat(viewer.get("/models/fake").body())
                .contains(
                        "compression_ratio", "backend: &quot;purekv&quot;", "The configuration as Triton completed it");
    }

    @Test
    void loadsAndUnloadsForOperatorsAndSaysSoInTheAuditLog() {
        operator.post("/models/fake/load");
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> operator.get("/models").body().contains("loaded in"));

        assertThat(console.server.control).contains("load fake null ");
        assertThat(operator.get("/models").body()).contains("asked by operator");
        operator.post("/models/fake/unload");
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> operator.get("/models").body().contains("unloaded in"));
        assertThat(console.server.control).contains("unload fake false");
        console.server.load("fake", Map.of());
        assertThat(KnownPeople.loggedIn(console, Role.ADMIN)
                        .get("/audit?actor=operator&subject=fake")
                        .body())
                .contains(">load<", ">unload<");
    }

    @Test
    void offersNothingToViewersAndRefusesWhatTheySend() {
        console.server.control.clear();
        assertThat(viewer.get("/models").body()).doesNotContain("/models/fake/load");
        assertThat(viewer.post("/models/fake/load").statusCode()).isEqualTo(403);
        assertThat(viewer.post("/models/fake/unload").statusCode()).isEqualTo(403);
        assertThat(operator.postRaw("/models/fake/unload", "").statusCode()).isEqualTo(403);
        assertThat(console.server.control).noneMatch(each -> each.startsWith("unload"));
    }

    @Test
    void knowsNoModelOutsideItsRepository() {
        for (String path :
                new String[] {"/models/none", "/models/%2e%2e", "/models/..%2f..%2fetc", "/models/fake%00"}) {
            HttpResponse<String> response = viewer.get(path);

            assertThat(response.statusCode()).as(path).isIn(400, 404);
        }
        assertThat(operator.post("/models/none/load").statusCode()).isEqualTo(404);
    }

    @Test
    void saysWhyALoadFailed() {
        console.server.loadFailure.set("layer 3 is <missing>");
        try {
            operator.post("/models/fake/load");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> operator.get("/models").body().contains("layer 3 is &lt;missing&gt;"));
        } finally {
            console.server.loadFailure.set(null);
        }

        assertThat(operator.get("/models").body()).contains("load failed after");
    }

    @Test
    void saysWhyALoadThroughAnotherDoorFailed() {
        console.server.loadFailure.set("layer 4 is <missing>");
        try {
            console.post("/v2/repository/models/fake/load", "{}");
            assertThat(viewer.get("/models").body()).contains("layer 4 is &lt;missing&gt;");
        } finally {
            console.server.loadFailure.set(null);
        }
        console.post("/v2/repository/models/fake/load", "{}");

        assertThat(viewer.get("/models").body()).doesNotContain("layer 4");
    }
}
