package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The assembled backend directory in a server that is not ours: a C++ program around libtritonserver, which starts no JVM
 * and installs its own signal handlers after the models are loaded, as the stock tritonserver does.
 */
class StockHostIT {
    private static final String CLIP = "model-repository/moving-digits/samples/digits-16x112-1.mp4";
    private static final String QUESTION = "60 " + CLIP + " Describe the video.";
    private static final String ANSWER =
            "answer: a red 1 moves left, a blue 2 moves up, a magenta 4 moves down and a white 8 moves up";
    private static final String JAVA = "java-home=" + StockHost.JAVA_HOME;

    @TempDir
    private static Path folder;

    private static Path repository;
    private static Path program;
    private static StockHost host;

    @BeforeAll
    static void start() throws Exception {
        program = StockHost.compile(folder);
        repository = folder.resolve("repository");
        StockHost.configure(repository, "first", "");
        StockHost.configure(repository, "second", "");
        host = StockHost.start(program, repository, true, JAVA, "jvm-options=-Xmx300m -XX:+PrintCommandLineFlags");
        assertThat(host.result()).as(host.log()).isEqualTo("ready");
    }

    @AfterAll
    static void stop() {
        host.close();
    }

    @Test
    void twoModelsAnswerAboutAVideo() throws Exception {
        assertThat(host.ask("ask first " + QUESTION)).isEqualTo(ANSWER);
        assertThat(host.ask("ask second " + QUESTION)).isEqualTo(ANSWER);
    }

    /** With the folders that stock-triton.Dockerfile copies. */
    @Test
    void theRepositoryOfTheDockerfileIsServedWhole() throws Exception {
        Path copied = Files.createDirectory(folder.resolve("copied"));
        Matcher copies = Pattern.compile("(?m)^COPY (model-repository/\\S+) /models/(\\S+)$")
                .matcher(Files.readString(Path.of("integration-tests/deployment/image/stock-triton.Dockerfile")));
        while (copies.find()) {
            Files.createSymbolicLink(
                    copied.resolve(copies.group(2)), Path.of(copies.group(1)).toAbsolutePath());
        }
        assertThat(copied.resolve("moving-digits")).exists();
        try (StockHost other = StockHost.start(program, copied, true, JAVA)) {
            assertThat(other.result()).as(other.log()).isEqualTo("ready");
            assertThat(other.ask("ask moving-digits " + QUESTION)).isEqualTo(ANSWER);
        }
    }

    @Test
    void javaStartsWithTheOptionsThatTheCommandLineNames() {
        assertThat(host.log()).contains("-XX:MaxHeapSize=" + 300 * 1024 * 1024).contains("-XX:+ReduceSignalUsage");
    }

    @Test
    void theProcessHasOneTritonAndOneJava() throws Exception {
        assertThat(host.ask("libraries").substring("libraries ".length()).split(" "))
                .containsExactlyInAnyOrder("libtritonserver.so", "libjvm.so", "libtriton_purekv.so");
    }

    @Test
    void javaWritesNoCountersFileForWhichItWouldLeaveTheWorkingDirectory() {
        Path counters = Path.of("/tmp/hsperfdata_" + System.getProperty("user.name"));
        assertThat(counters.resolve(Long.toString(ProcessHandle.current().pid())))
                .as("where Java keeps them")
                .exists();
        assertThat(counters.resolve(Long.toString(host.pid()))).doesNotExist();
    }

    /** What Triton's images of 24.10 bring: Ubuntu 22.04. The C++ library may be any, since the shim wants none. */
    @Test
    void theShimLoadsWhereGlibcIsOfTheYear2022() throws Exception {
        Process objdump =
                new ProcessBuilder("objdump", "-xT", "backend/target/backends/purekv/libtriton_purekv.so").start();
        String text = new String(objdump.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(objdump.waitFor()).isZero();
        assertThat(text).contains("NEEDED               libtritonserver.so").doesNotContain("libstdc++");
        assertThat(Pattern.compile("GLIBC_2\\.(\\d+)")
                        .matcher(text)
                        .results()
                        .map(found -> Integer.valueOf(found.group(1))))
                .isNotEmpty()
                .allSatisfy(minor -> assertThat(minor).isLessThanOrEqualTo(35));
    }

    @Test
    void nullPointersInJavaAreJavasOwnBusiness() throws Exception {
        assertThat(host.ask("npe 20000")).as(host.log()).isEqualTo("thrown 20000");
        assertThat(host.ask("ask first " + QUESTION)).isEqualTo(ANSWER);
    }

    @Test
    void aModelComesAndGoes() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(host.ask("unload second")).isEqualTo("unloaded");
            assertThat(host.ask("ask second " + QUESTION)).startsWith("refused: ");
            assertThat(host.ask("load second")).as(host.log()).isEqualTo("loaded");
            assertThat(host.ask("ask second " + QUESTION)).isEqualTo(ANSWER);
        }
    }

    @Test
    void aReloadBringsTheNewSettings() throws Exception {
        StockHost.configure(
                repository, "first", "parameters { key: \"max_sequence_tokens\" value { string_value: \"70\" } }");
        assertThat(host.ask("load first")).as(host.log()).isEqualTo("loaded");
        assertThat(host.ask("ask first " + QUESTION)).startsWith("refused: ").contains("70");
        StockHost.configure(repository, "first", "");
        assertThat(host.ask("load first")).isEqualTo("loaded");
        assertThat(host.ask("ask first " + QUESTION)).isEqualTo(ANSWER);
    }

    @Test
    void aStopLetsTheAnswerUnderWayFinish() throws Exception {
        try (StockHost other = StockHost.start(program, repository, true, JAVA)) {
            assertThat(other.result()).as(other.log()).isEqualTo("ready");
            assertThat(other.ask("ask second " + QUESTION)).isEqualTo(ANSWER);
            other.send("ask second 400 " + CLIP + " Describe the video.");
            Thread.sleep(100); // on its way; far from its end
            other.terminate();
            assertThat(other.result()).as(other.log()).startsWith(ANSWER).hasSizeGreaterThan(500);
            assertThat(other.result()).isEqualTo("stopped");
            assertThat(other.end()).as(other.log()).isZero();
        }
    }

    @Test
    void withoutLibjsigTheShimPutsJavasHandlersBack() throws Exception {
        try (StockHost other = StockHost.start(program, repository, false, JAVA)) {
            assertThat(other.result()).as(other.log()).isEqualTo("ready");
            assertThat(other.ask("ask first " + QUESTION)).as(other.log()).isEqualTo(ANSWER);
            assertThat(other.ask("npe 20000")).as(other.log()).isEqualTo("thrown 20000");
            assertThat(other.log()).contains("libjsig.so is not preloaded", "a signal handler of Java's");
            other.terminate();
            assertThat(other.result()).isEqualTo("stopped");
            assertThat(other.end()).as(other.log()).isZero();
        }
    }

    @Test
    void aJavaHomeWithoutJavaIsRefusedByName() throws Exception {
        try (StockHost other = StockHost.start(program, repository, true, "java-home=/nowhere", "jvm_options=-Xmx1g")) {
            assertThat(other.result()).isEqualTo("gone");
            assertThat(other.end()).isEqualTo(1);
            assertThat(other.log())
                    .contains("--backend-config=purekv,java-home is /nowhere", "/nowhere/lib/server/libjvm.so")
                    .contains("purekv,jvm_options is not known; known are java-home and jvm-options");
        }
    }
}
