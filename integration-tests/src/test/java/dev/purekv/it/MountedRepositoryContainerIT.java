package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.wait.strategy.Wait;

/** A container on a repository that is not its own, and its ends. */
@ExtendWith(NeedsDocker.class)
class MountedRepositoryContainerIT {
    @TempDir
    private static Path repository;

    private static ServerContainer server;

    @BeforeAll
    static void start() throws IOException {
        ConsoleServer.copy(Path.of("model-repository/moving-digits/1"), repository.resolve("moving-digits/1"));
        ratio(1);
        // The container's user is another.
        Files.setPosixFilePermissions(repository, PosixFilePermissions.fromString("rwxr-xr-x"));
        server = new ServerContainer().withRepository(repository);
        server.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static void ratio(int ratio) throws IOException {
        Files.writeString(
                repository.resolve("moving-digits/config.pbtxt"),
                "backend: \"purekv\" parameters { key: \"compression_ratio\" value { string_value: \"" + ratio
                        + "\" } }");
    }

    /** Every file below the repository, with its content. */
    private Map<String, byte[]> content() throws IOException {
        try (Stream<Path> files = Files.walk(repository)) {
            Map<String, byte[]> content = new TreeMap<>();
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                content.put(repository.relativize(file).toString(), Files.readAllBytes(file));
            }
            return content;
        }
    }

    @Test
    void aSettingChangedOutsideIsSeenAfterALoadAndAfterARestart() throws Exception {
        ratio(5);
        HttpResponse<String> loaded = server.post("/v2/repository/models/moving-digits/load", Map.of());
        assertThat(loaded.statusCode()).as(loaded.body()).isEqualTo(200);
        assertThat(server.achievedRatio()).isCloseTo(5, within(0.5));
        server.stopGently(Duration.ofSeconds(40));
        server.startAgain();
        assertThat(server.achievedRatio()).isCloseTo(5, within(0.5));
        ratio(1);
    }

    @Test
    void killedWhileItStreamsItComesBackAndNothingIsBroken() throws Exception {
        Map<String, byte[]> before = content();
        OpenAnswer answer = OpenAnswer.generate(server, Map.of("max_tokens", 20_000));
        server.crash();
        assertThat(answer.end().broken()).as("the stream ends as a broken one").isTrue();
        server.startAgain();
        assertThat(server.ask()).isEqualTo(ServerContainer.ANSWER);
        assertThat(content())
                .hasSameSizeAs(before)
                .allSatisfy((name, bytes) -> assertThat(bytes).as(name).isEqualTo(before.get(name)));
    }

    /** The file is as a kill during the first start leaves it. */
    @Test
    void aLibraryUnpackedInPartOnlyDoesNotKeepItFromStarting() throws Exception {
        String library = "find /var/cache/purekv -name libtorch_cpu.so -exec truncate -s 50M {} +";
        server.crash();
        // Its own process would fault on the pages that are gone; the volume is another container's as well.
        try (ServerContainer other = new ServerContainer()) {
            other.withCreateContainerCmdModifier(command -> command.withEntrypoint("sh", "-c", library + "; echo cut"))
                    .waitingFor(Wait.forLogMessage("cut\\n", 1));
            other.start();
        }
        server.startAgain();
        assertThat(server.ask()).isEqualTo(ServerContainer.ANSWER);
        assertThat(server.getLogs()).contains("libtorch_cpu.so was unpacked in part only");
    }

    @Test
    void stopLetsTheAnswerUnderWayFinish() throws Exception {
        OpenAnswer answer = OpenAnswer.generate(server, Map.of("max_tokens", 1500));
        Thread stopping = new Thread(() -> server.stopGently(Duration.ofSeconds(40)));
        stopping.start();
        assertThat(answer.end().last()).contains("\"finish_reason\":\"length\"");
        stopping.join();
        assertThat(server.state().getExitCodeLong()).as("128 + SIGTERM").isEqualTo(143);
        server.startAgain();
    }
}
