package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the real Triton writes into its log is on the console's page and in the process's output. */
class TritonLogIT {
    private static final String LOAD = "/v2/repository/models/%s/load";

    @TempDir
    Path folder;

    private RunningServer server;
    private ConsoleClient admin;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        Path repository = Files.createDirectories(folder.resolve("models"));
        server = RunningServer.start(repository);
        admin = ConsoleClient.firstLogin(server.consolePort(), server.log());
        Files.createDirectories(repository.resolve("alien/1"));
        Files.writeString(repository.resolve("alien/config.pbtxt"), "backend: \"alien\"\nmax_batch_size: 0\n");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void whatTritonSaidWhenALoadFailed() throws IOException, InterruptedException {
        HttpResponse<String> refused = server.post(LOAD.formatted("alien"), Map.of());
        assertThat(refused.statusCode()).isEqualTo(400);

        String page = admin.await("/live/log", Pattern.compile("(?s)\\.cc:\\d+.*alien"));

        assertThat(page).contains(">ERROR<");
        Pattern line = Pattern.compile("\\.cc:\\d+] .*alien");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!line.matcher(server.log()).find()) {
            assertThat(System.nanoTime()).as(server.log()).isLessThan(deadline);
            Thread.sleep(50);
        }
        assertThat(RunningServer.json(server.get("/v2/logging"))
                        .path("log_file")
                        .asString())
                .isEmpty();
    }

    @Test
    void theLevelOfThePageIsTritons() throws IOException, InterruptedException {
        server.post(LOAD.formatted("alien"), Map.of());
        assertThat(admin.await("/live/log", Pattern.compile("unable to find backend library")))
                .contains("Triton's from <span>WARN</span>")
                .doesNotContain("loading: alien:1", "auto-completed config");

        admin.post("/live/level", "level", "DEBUG");
        server.post(LOAD.formatted("alien"), Map.of());

        assertThat(admin.await("/live/log", Pattern.compile("loading: alien:1")))
                .contains("Server side auto-completed config"); // of its first verbose level

        assertThat(RunningServer.json(server.get("/v2/logging"))
                        .path("log_verbose_level")
                        .asInt())
                .isEqualTo(1);
        admin.post("/live/level", "level", "WARN");
        assertThat(admin.get("/live/log").body()).contains("Triton's from <span>WARN</span>");
    }
}
