package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The end of the process, which comes after the server's own: Triton joins its threads there. */
class StopIT {
    private static final String GENERATE = "/v2/models/moving-digits/generate";

    @Test
    void anIdleServerIsGoneWithinThreeSecondsOfSigterm() throws Exception {
        RunningServer server = RunningServer.start(Path.of("model-repository"));
        server.post("/v2/models/moving-digits/generate", Map.of("text_input", "hi"));
        long start = System.nanoTime();
        server.close();
        assertThat((System.nanoTime() - start) / 1e9).as("seconds").isLessThan(3);
    }

    /** A long answer under way, and its lines. */
    private static Iterator<String> longAnswer(RunningServer server, int tokens) throws Exception {
        Iterator<String> lines = server.stream(
                        GENERATE + "_stream",
                        Map.of(
                                "text_input",
                                "hi",
                                "stream",
                                true,
                                "return_finish_reason",
                                true,
                                "parameters",
                                Map.of("max_tokens", tokens, "ignore_eos", true)))
                .body()
                .iterator();
        assertThat(lines.next()).startsWith("data: {").contains("text_output");
        return lines;
    }

    private static String last(Iterator<String> lines) {
        String last = "";
        try {
            while (lines.hasNext()) {
                String line = lines.next();
                last = line.isEmpty() ? last : line;
            }
        } catch (UncheckedIOException cut) {
            // On a busy machine the process may be gone before the mark of the body's end is out; the words were.
        }
        return last;
    }

    @Test
    void anAnswerUnderWayIsFinishedAndNothingNewBegins() throws Exception {
        try (RunningServer server = RunningServer.start(Path.of("model-repository"))) {
            Iterator<String> answer = longAnswer(server, 1500);
            server.terminate();
            assertThat(last(answer)).contains("\"finish_reason\":\"length\"");
            assertThat(server.gone(Duration.ofSeconds(20))).isTrue();
            assertThat(server.log()).doesNotContain("did not stop");
        }
    }

    @Test
    void anAnswerThatTakesTooLongIsCutOffWithAWordAboutIt() throws Exception {
        try (RunningServer server =
                RunningServer.start(Path.of("model-repository"), Map.of(), List.of("--purekv.drain-seconds=1"))) {
            Iterator<String> answer = longAnswer(server, 30_000);
            server.terminate();
            assertThat(last(answer)).startsWith("data: {\"error\"").contains("stopping");
            assertThat(server.gone(Duration.ofSeconds(20))).isTrue();
            assertThat(server.log()).doesNotContain("did not stop");
        }
    }
}
