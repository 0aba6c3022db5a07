package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The assembled backend directory in a server that is not ours: a C++ program around libtritonserver, which starts no JVM
 * and installs its own signal handlers after the models are loaded, as the stock tritonserver does.
 */
class StockHostIT {
    private static final String TRITON = "backend/target/tritonserver/org/bytedeco/tritonserver/linux-x86_64";
    private static final String STAND_INS = "backend/target/classes/dev/purekv/natives/standins";
    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    @TempDir
    Path folder;

    @Test
    void theBackendDirectoryServesInAnotherProgram() throws Exception {
        Path host = folder.resolve("host");
        run(
                List.of(
                        "g++",
                        "-std=c++17",
                        "-O1",
                        "integration-tests/src/test/native/host.cc",
                        "-L" + TRITON,
                        "-ltritonserver",
                        "-Wl,--allow-shlib-undefined",
                        "-lpthread",
                        "-o",
                        host.toString()),
                Map.of());
        String output = run(
                List.of(
                        host.toString(),
                        "model-repository",
                        "backend/target/backends",
                        "moving-digits",
                        "How many digits are there?"),
                Map.of(
                        "LD_LIBRARY_PATH", TRITON + ":" + STAND_INS,
                        "LD_PRELOAD", JAVA_HOME.resolve("lib/libjsig.so").toString(),
                        "JAVA_HOME", JAVA_HOME.toString()));
        assertThat(output).contains("answer: How many digits are there?").contains("stopped");
    }

    private static String run(List<String> command, Map<String, String> environment)
            throws IOException, InterruptedException {
        Path log = Files.createTempFile("stock-host", ".log");
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(3, TimeUnit.MINUTES))
                    .as("%s ends", command.get(0))
                    .isTrue();
            String output = Files.readString(log, StandardCharsets.UTF_8);
            assertThat(process.exitValue()).as(output).isZero();
            return output;
        } finally {
            process.destroyForcibly();
            Files.delete(log);
        }
    }
}
