package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.it.BadInputs.Case;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a client sends, it gets a typed error and the next client gets its answer. */
class BadInputIT {
    private static RunningServer server;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = RunningServer.start(Path.of("model-repository"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static List<Case> cases() throws IOException {
        return BadInputs.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void badInputIsRefusedWithItsReason(Case bad) throws Exception {
        Map<String, Object> body = new HashMap<>(bad.tensors());
        body.put("parameters", bad.parameters());
        HttpResponse<String> response = server.post("/v2/models/moving-digits/generate", body);
        assertThat(response.statusCode()).as(response.body()).isBetween(400, 499);
        assertThat(RunningServer.json(response).path("error").asString()).containsIgnoringCase(bad.says());
    }

    @AfterEach
    void theNextRequestIsAnswered() throws Exception {
        assertThat(server.ask(
                        Path.of("model-repository/moving-digits/samples/digits-16x112-1.mp4"),
                        "How many digits are there?"))
                .isEqualTo("4");
    }
}
