package dev.purekv.console.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.tritonserver.global.tritonserver.TRITONSERVER_LOG_ERROR;
import static org.bytedeco.tritonserver.global.tritonserver.TRITONSERVER_LogMessage;

import dev.purekv.triton.LogOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way of the lines that the real Triton's log writes. */
class TritonSpoolTest {
    private static final int LINES = 5000;

    @TempDir
    Path folder;

    private final LogTail tail = new LogTail();
    private final Read standardError = new Read();
    private final RealLog triton = new RealLog();
    private Path state;
    private TritonSpool spool;

    /** Somebody who reads the standard error, unless told to wait. */
    private static final class Read extends OutputStream {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private volatile CountDownLatch reading = new CountDownLatch(0);

        @Override
        public void write(int one) {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] from, int start, int length) {
            try {
                reading.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            bytes.write(from, start, length);
        }

        String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }

    private static final class RealLog implements TritonSpool.Target {
        private final AtomicInteger files = new AtomicInteger();
        private final AtomicInteger direct = new AtomicInteger();

        @Override
        public void file(Path file) {
            LogOutput.file(file);
            files.incrementAndGet();
        }

        @Override
        public void standardError() {
            LogOutput.standardError();
            direct.incrementAndGet();
        }
    }

    @BeforeEach
    void start() {
        LogOutput.standardError(); // loads the library, so that a line can be written at all
        state = folder.resolve("state");
        spool = spool(1 << 20);
    }

    private TritonSpool spool(long mostBehind) {
        return new TritonSpool(state, tail, standardError, mostBehind);
    }

    @AfterEach
    void stop() {
        standardError.reading.countDown();
        spool.close();
        LogOutput.standardError();
    }

    private static void write(String text) {
        assertThat(TRITONSERVER_LogMessage(TRITONSERVER_LOG_ERROR, "made_up.cc", 7, text))
                .isNull();
    }

    private List<String> shown() {
        return tail.latest().stream().map(LogLine::text).toList();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(state.resolve("triton-log"))) {
            return all.filter(each -> each.toString().endsWith(".log")).sorted().toList();
        }
    }

    @Test
    void aLineIsShownAndCopiedAndItsFileGoes() throws IOException {
        spool.start(triton);
        Path first = files().get(0);

        write("seen by everybody");

        Awaitility.await().until(() -> shown().contains("seen by everybody"));
        Awaitility.await().until(() -> standardError.text().contains("made_up.cc:7] \"seen by everybody\"\n"));
        Awaitility.await().until(() -> Files.notExists(first));
        assertThat(files()).singleElement().satisfies(each -> assertThat(each).isEmptyFile());
        assertThat(tail.latest().get(0).level()).isEqualTo("ERROR");
    }

    @Test
    void everyLineOfAFloodArrivesOnceAndInOrder() {
        spool.start(triton);
        for (int i = 0; i < LINES; i++) {
            write("line " + i + " ends");
        }
        spool.close();

        List<String> lines = standardError.text().lines().toList();
        assertThat(lines).hasSize(LINES);
        for (int i = 0; i < LINES; i++) {
            assertThat(lines.get(i)).endsWith("line " + i + " ends\"");
        }
        assertThat(shown().get(0)).isEqualTo("line " + (LINES - 1) + " ends");
    }

    @Test
    void nothingIsLeftAfterAStop() throws IOException {
        spool.start(triton);
        write("the last");
        spool.close();

        assertThat(standardError.text()).contains("the last");
        assertThat(files()).isEmpty();
    }

    @Test
    void theNextStartBringsWhatADeadProcessLeft() throws IOException {
        spool.start(triton);
        spool.close();
        String line = "E0131 12:00:00.2 1 b.cc:1] \"why it died\"\n";
        Files.writeString(state.resolve("triton-log/000001700000000-000000003.log"), line);

        spool = spool(1 << 20);
        spool.start(triton);

        Awaitility.await().until(() -> standardError.text().contains(line));
        assertThat(shown()).contains("why it died");
        Awaitility.await().until(() -> files().size() == 1);
    }

    @Test
    void whereNobodyReadsTheStandardErrorTheDiskDoesNotFill() throws IOException {
        spool = spool(1000);
        standardError.reading = new CountDownLatch(1);
        spool.start(triton);

        int written = 0;
        while (triton.direct.get() == 0) {
            write("line " + written++ + " that nobody reads");
            pause();
        }

        assertThat(files()).isNotEmpty();
        standardError.reading.countDown();
        int all = written;
        Awaitility.await().until(() -> standardError.text().contains("line " + (all - 2) + " "));
        Awaitility.await().until(() -> files().size() == 1); // it uses files again
        write("read again");
        Awaitility.await().until(() -> standardError.text().contains("read again"));
    }

    private static void pause() {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aFileThatSomebodyDeletesIsReplaced() throws IOException {
        spool.start(triton);
        Files.delete(files().get(0));
        Awaitility.await().until(() -> triton.files.get() == 2);

        write("goes on");

        Awaitility.await().until(() -> standardError.text().contains("goes on"));
    }

    @Test
    void twoServersOnOneFolderDoNotTakeEachOthersFiles() throws IOException {
        spool.start(triton);
        RealLog other = new RealLog();
        try (TritonSpool second = spool(1000)) {
            second.start(other);
        }

        assertThat(other.files).hasValue(0);
        assertThat(other.direct).hasValue(0);
        assertThat(files()).hasSize(1);
    }

    @Test
    void withoutAFolderTheStandardErrorIsLeftAlone() throws IOException {
        spool.start(triton);
        spool.close();
        Files.delete(state.resolve("triton-log/lock"));
        Files.delete(state.resolve("triton-log"));
        Files.createFile(state.resolve("triton-log"));
        RealLog other = new RealLog();

        try (TritonSpool second = spool(1000)) {
            second.start(other);
        }

        assertThat(other.files).hasValue(0);
    }
}
