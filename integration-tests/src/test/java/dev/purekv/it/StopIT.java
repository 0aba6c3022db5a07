package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The end of the process, which comes after the server's own: Triton joins its threads there. */
class StopIT {
    @Test
    void anIdleServerIsGoneWithinThreeSecondsOfSigterm() throws Exception {
        RunningServer server = RunningServer.start(Path.of("model-repository"));
        server.post("/v2/models/moving-digits/generate", Map.of("text_input", "hi"));
        long start = System.nanoTime();
        server.close();
        assertThat((System.nanoTime() - start) / 1e9).as("seconds").isLessThan(3);
    }
}
