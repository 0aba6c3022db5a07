package dev.purekv.console.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TritonLinesTest {
    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

    @TempDir
    Path folder;

    @Test
    void bothFormatsAreRead() {
        String text = "2026-01-31T12:00:00Z E 4711 model_lifecycle.cc:654] \"failed to load \\\"m\\\"\"\n"
                + "W0131 12:00:00.123456 4711 server.cc:7] \"low\"\n"
                + "2026-01-31T12:00:00Z I 4711 http.cc:1] plain\n";

        assertThat(TritonLines.read(text, NOW))
                .containsExactly(
                        new LogLine(NOW, "ERROR", "model_lifecycle.cc:654", "failed to load \"m\""),
                        new LogLine(NOW, "WARN", "server.cc:7", "low"),
                        new LogLine(NOW, "INFO", "http.cc:1", "plain"));
    }

    @Test
    void aTableIsOneLine() {
        String text = "I0131 12:00:00.1 1 server.cc:604] \n+---+\n| m |\n+---+\nE0131 12:00:00.2 1 b.cc:1] \"next\"\n";

        assertThat(TritonLines.read(text, NOW))
                .containsExactly(
                        new LogLine(NOW, "INFO", "server.cc:604", "\n+---+\n| m |\n+---+"),
                        new LogLine(NOW, "ERROR", "b.cc:1", "next"));
    }

    @Test
    void whatHasNoHeadIsShownAllTheSame() {
        assertThat(TritonLines.read("terminate called\n", NOW))
                .containsExactly(new LogLine(NOW, "INFO", "Triton", "terminate called"));
        assertThat(TritonLines.read("", NOW)).isEmpty();
    }

    @Test
    void ofALargeFileTheEndIsReadAndLongLinesAreCut() throws IOException {
        Path file = folder.resolve("large");
        String line = "E0131 12:00:00.2 1 b.cc:%d] \"" + "x".repeat(5000) + "\"\n";
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            text.append(String.format(line, i));
        }
        Files.writeString(file, text);

        List<LogLine> lines = TritonLines.latest(file, NOW);

        assertThat(lines).hasSizeBetween(200, 220);
        assertThat(lines).allSatisfy(each -> assertThat(each.text()).hasSize(2003));
        assertThat(lines.get(lines.size() - 1).origin()).isEqualTo("b.cc:999");
    }

    @Test
    void aFloodOnOneSideLeavesTheLinesOfTheOther() {
        LogTail tail = new LogTail();
        tail.java(new LogLine(NOW, "ERROR", "Somebody", "rare"));
        for (int i = 0; i < 1000; i++) {
            tail.triton(new LogLine(NOW.plusSeconds(i), "DEBUG", "a.cc:1", "line " + i));
        }

        List<LogLine> latest = tail.latest();

        assertThat(latest).hasSize(LogTail.KEPT + 1);
        assertThat(latest.get(0).text()).isEqualTo("line 999");
        assertThat(latest.get(LogTail.KEPT).text()).isEqualTo("rare");
    }
}
