package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.wait.strategy.Wait;

/** Too little memory, too little disk. */
@ExtendWith(NeedsDocker.class)
class ScarceContainerIT {
    private static final long MEGABYTE = 1 << 20;

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
            for (String folder : List.of("/tmp", "/var/lib/purekv")) {
                ExecResult filling = server.execInContainer("dd", "if=/dev/zero", "of=" + folder + "/full", "bs=64k");
                assertThat(filling.getStderr()).contains("No space left on device");
            }
            assertThat(server.ask()).isEqualTo(ServerContainer.ANSWER);
        }
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
