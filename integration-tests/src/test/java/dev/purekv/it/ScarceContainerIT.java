package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.wait.strategy.Wait;

/** Too little memory, too little disk. */
@ExtendWith(NeedsDocker.class)
class ScarceContainerIT {
    private static final long MEGABYTE = 1 << 20;

    @TempDir
    private Path folder;

    /** A token takes 4 KB: one long request wants 131 MB, more than half of what is free here. */
    @Test
    void admissionRefusesBeforeTheContainersMemoryIsUsedUp() throws Exception {
        try (ServerContainer server = new ServerContainer().withMemory(448 * MEGABYTE)) {
            server.start();
            ExecutorService threads = Executors.newFixedThreadPool(12);
            try {
                List<Future<HttpResponse<String>>> tooLong = new ArrayList<>();
                List<Future<HttpResponse<String>>> many = new ArrayList<>();
                for (int i = 0; i < 12; i++) {
                    tooLong.add(threads.submit(() -> generate(server, 32_000)));
                    many.add(threads.submit(() -> generate(server, 300)));
                }
                for (Future<HttpResponse<String>> each : tooLong) {
                    assertThat(each.get().statusCode()).as(each.get().body()).isBetween(400, 503);
                    assertThat(each.get().body()).contains("kv_cache_bytes");
                }
                for (Future<HttpResponse<String>> each : many) {
                    assertThat(each.get().statusCode()).as(each.get().body()).isEqualTo(200);
                }
            } finally {
                threads.shutdown();
            }
            assertThat(server.ask()).isEqualTo(ServerContainer.ANSWER);
            ContainerState state = server.state();
            assertThat(state.getRunning()).isTrue();
            assertThat(state.getOOMKilled()).isFalse();
        }
    }

    private static HttpResponse<String> generate(ServerContainer server, int tokens)
            throws IOException, InterruptedException {
        return server.post(
                ServerContainer.GENERATE,
                Map.of("text_input", "hi", "parameters", Map.of("max_tokens", tokens, "ignore_eos", true)));
    }

    @Test
    void aFullDiskIsNoReasonToStopAnswering() throws Exception {
        try (ServerContainer server = new ServerContainer()) {
            server.withTmpFs(Map.of("/tmp", "size=2m", "/var/lib/purekv", "size=16m,uid=1001"));
            server.start();
            for (String each : List.of("/tmp", "/var/lib/purekv")) {
                fill(server, each);
            }
            assertThat(server.ask()).isEqualTo(ServerContainer.ANSWER);
        }
    }

    /** History and people are on the full disk, models on another. */
    @Test
    void aChangeThatCannotBeNotedIsRefusedInWordsAndNotMade() throws Exception {
        ConsoleServer.copy(Path.of("model-repository/moving-digits"), folder.resolve("moving-digits"));
        Path config = folder.resolve("moving-digits/config.pbtxt");
        try (ServerContainer server = new ServerContainer().withOwnRepository(folder)) {
            server.withTmpFs(Map.of("/tmp", "size=64m", "/var/lib/purekv", "size=16m,uid=1001"));
            server.start();
            ConsoleClient admin = server.firstLogin();
            String before = Files.readString(config);
            Matcher seen = Pattern.compile("name=\"seen\" value=\"(\\w+)\"")
                    .matcher(admin.get("/models/moving-digits/tuning").body());
            assertThat(seen.find()).isTrue();
            fill(server, "/var/lib/purekv");

            HttpResponse<String> refused = admin.post(
                    "/models/moving-digits/tuning",
                    "seen",
                    seen.group(1),
                    "reason",
                    "no room",
                    "compression_ratio",
                    "5");
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
            assertThat(refused.body()).contains("The console's database does not answer");
            assertThat(config).hasContent(before);
            assertThat(server.ask()).isEqualTo(ServerContainer.ANSWER);

            server.execInContainer("rm", "/var/lib/purekv/full");
            admin.await("/models/moving-digits/tuning", Pattern.compile("name=\"seen\""));
            admin.tune("room again", "compression_ratio", "5");
            admin.await("/models/moving-digits/history", Pattern.compile("(?s)room again.*>loaded<"));
            assertThat(server.achievedRatio()).isBetween(4.5, 5.5);
        }
    }

    private static void fill(ServerContainer server, String folder) throws IOException, InterruptedException {
        ExecResult filling = server.execInContainer("dd", "if=/dev/zero", "of=" + folder + "/full", "bs=64k");
        assertThat(filling.getStderr()).contains("No space left on device");
    }

    @Test
    void noRoomToUnpackTheLibrariesIsToldAtTheStart() throws Exception {
        try (ServerContainer server = new ServerContainer()) {
            server.withLibrariesIn("size=64m,exec,uid=1001")
                    .waitingFor(Wait.forLogMessage(".*its libraries cannot be unpacked.*", 1)
                            .withStartupTimeout(Duration.ofMinutes(2)));
            server.start();
            while (server.state().getRunning()) {
                Thread.sleep(100);
            }
            assertThat(server.state().getExitCodeLong()).isEqualTo(1);
            assertThat(server.getLogs()).contains("javacpp.cachedir", "leave 1 GB free");
        }
    }
}
