package dev.purekv.triton;

import static dev.purekv.triton.ServerApi.check;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.tritonserver.global.tritonserver.TRITONSERVER_LOG_ERROR;
import static org.bytedeco.tritonserver.global.tritonserver.TRITONSERVER_LogMessage;

import dev.purekv.server.ServerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Triton's own log does with a file. */
class LogOutputTest {
    private static final int LINES = 2000;

    @TempDir
    Path folder;

    @BeforeEach
    void start() {
        NativeLibraries.load();
    }

    @AfterEach
    void leaveNoFile() {
        LogOutput.standardError();
    }

    private static void write(String text) {
        check(TRITONSERVER_LogMessage(TRITONSERVER_LOG_ERROR, "/some/where/made_up.cc", 7, text));
    }

    @Test
    void aLineIsInTheFileOnceItIsWritten() throws IOException {
        Path file = folder.resolve("a.log");
        Files.writeString(file, "from before\n");
        LogOutput.file(file);

        write("the first\nof two \u001b[31m");

        assertThat(Files.readAllLines(file)).hasSize(2).first().isEqualTo("from before");
        assertThat(Files.readAllLines(file).get(1))
                .contains(" made_up.cc:7] ")
                .endsWith("the first\\nof two \\u001B[31m\"");
    }

    @Test
    void noLineIsLostOrCutBetweenTwoFiles() throws IOException {
        List<Path> files = new ArrayList<>(List.of(folder.resolve("0")));
        LogOutput.file(files.get(0));
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < LINES; i++) {
                write("line " + i + " ends");
            }
        });

        while (!writing.isDone()) {
            Path next = folder.resolve(String.valueOf(files.size()));
            LogOutput.file(next);
            files.add(next);
        }

        writing.join();
        List<String> lines = new ArrayList<>();
        for (Path file : files) {
            lines.addAll(Files.readAllLines(file));
        }
        assertThat(lines).hasSize(LINES);
        for (int i = 0; i < LINES; i++) {
            assertThat(lines.get(i)).contains("line " + i + " ends");
        }
    }

    @Test
    void aFileThatCannotBeOpenedLeavesTheOneBefore() throws IOException {
        Path file = folder.resolve("a.log");
        LogOutput.file(file);

        assertThatThrownBy(() -> LogOutput.file(folder.resolve("none/b.log")))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("Failed to open log file");

        write("goes on");
        assertThat(file).content().contains("goes on");
    }

    /** Why nobody is told: the next file mends it, so whoever uses one looks for room on the disk. */
    @Test
    void onAFullDiskLinesAreLostUntilTheNextFile() throws IOException {
        LogOutput.file(Path.of("/dev/full"));
        write("lost");
        Path file = folder.resolve("a.log");
        LogOutput.file(file);

        write("kept");

        assertThat(file).content().contains("kept").doesNotContain("lost");
    }
}
