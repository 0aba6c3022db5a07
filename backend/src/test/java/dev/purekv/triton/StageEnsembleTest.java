package dev.purekv.triton;

import static dev.purekv.triton.StageRepository.STAGE;
import static dev.purekv.triton.StageRepository.answer;
import static dev.purekv.triton.StageRepository.floats;
import static dev.purekv.triton.StageRepository.longs;
import static dev.purekv.triton.StageRepository.output;
import static dev.purekv.triton.StageRepository.parameter;
import static dev.purekv.triton.StageRepository.rows;
import static dev.purekv.triton.StageRepository.tensor;
import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.server.InferenceResponse;
import dev.purekv.server.ServerException;
import dev.purekv.server.TensorData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two stages, one after the other, in an ensemble: keys and values go from the first to the second inside Triton. */
class StageEnsembleTest {
    private static final TensorData ATTENTION = floats("OBSERVED_ATTENTION", 1, 6, 16, 200);
    private static final TensorData KEYS = floats("KEYS", 2, 2, 200, 8);
    private static final TensorData VALUES = floats("VALUES", 3, 2, 200, 8);

    @TempDir
    Path repository;

    private EmbeddedServer server;

    @BeforeEach
    void startServer() throws IOException {
        StageRepository.add(repository, "first", STAGE + parameter("compression_ratio", "2"));
        StageRepository.add(
                repository,
                "second",
                STAGE
                        + parameter("kv_policy", "value_norm")
                        + parameter("compression_ratio", "2")
                        + parameter("recent_tokens", "1")
                        + parameter("sink_tokens", "0"));
        StageRepository.add(repository, "both", ensemble());
        server = EmbeddedServer.start(EmbeddedServerOptions.of(repository));
    }

    private static String ensemble() {
        String any = "-1, -1, -1";
        return "platform: \"ensemble\"\n"
                + tensor("input", "OBSERVED_ATTENTION", "FP32", any)
                + tensor("input", "KEYS", "FP32", any)
                + tensor("input", "VALUES", "FP32", any)
                + tensor("output", "FIRST_INDICES", "INT64", "-1, -1")
                + tensor("output", "SECOND_INDICES", "INT64", "-1, -1")
                + tensor("output", "KEPT_KEYS", "FP32", any)
                + tensor("output", "KEPT_VALUES", "FP32", any)
                + """
                ensemble_scheduling { step [
                  { model_name: "first" model_version: -1
                    input_map { key: "OBSERVED_ATTENTION" value: "OBSERVED_ATTENTION" }
                    input_map { key: "KEYS" value: "KEYS" }
                    input_map { key: "VALUES" value: "VALUES" }
                    output_map { key: "KEPT_INDICES" value: "FIRST_INDICES" }
                    output_map { key: "KEYS" value: "half_keys" }
                    output_map { key: "VALUES" value: "half_values" } },
                  { model_name: "second" model_version: -1
                    input_map { key: "KEYS" value: "half_keys" }
                    input_map { key: "VALUES" value: "half_values" }
                    output_map { key: "KEPT_INDICES" value: "SECOND_INDICES" }
                    output_map { key: "KEYS" value: "KEPT_KEYS" }
                    output_map { key: "VALUES" value: "KEPT_VALUES" } } ] }
                """;
    }

    @AfterEach
    void stopServer() {
        server.close();
        assertThat(server.outstanding())
                .as("inferences that Triton still holds")
                .isZero();
    }

    @Test
    void theSecondStageCutsWhatTheFirstKept() throws Exception {
        InferenceResponse found = answer(server, "both", Map.of(), ATTENTION, KEYS, VALUES);
        InferenceResponse first = answer(server, "first", Map.of(), ATTENTION, KEYS, VALUES);
        InferenceResponse second = answer(server, "second", Map.of(), output(first, "KEYS"), output(first, "VALUES"));
        long[] firstIndices = longs(output(found, "FIRST_INDICES"));
        long[] secondIndices = longs(output(found, "SECOND_INDICES"));
        assertThat(firstIndices).isEqualTo(longs(output(first, "KEPT_INDICES"))).hasSize(2 * 100);
        assertThat(secondIndices)
                .isEqualTo(longs(output(second, "KEPT_INDICES")))
                .hasSize(2 * 50);
        // An index of the second counts among those of the first.
        long[] together = IntStream.range(0, 100)
                .mapToLong(i -> firstIndices[i / 50 * 100 + (int) secondIndices[i]])
                .toArray();
        assertThat(output(found, "KEPT_KEYS").shape()).containsExactly(2, 50, 8);
        assertThat(output(found, "KEPT_KEYS").data()).isEqualTo(rows(KEYS, together));
        assertThat(output(found, "KEPT_VALUES").data()).isEqualTo(rows(VALUES, together));
        assertThat(server.statistics("second", "")).contains("\"success\":{\"count\":2,");
    }

    @Test
    void parametersOfARequestReachEveryStep() throws Exception {
        InferenceResponse found = answer(server, "both", Map.of("compression_ratio", 4L), ATTENTION, KEYS, VALUES);
        assertThat(output(found, "FIRST_INDICES").shape()).containsExactly(2, 50);
        assertThat(output(found, "SECOND_INDICES").shape()).containsExactly(2, 13);
    }

    @Test
    void aRefusalOfAStageIsTheEnsembles() throws Exception {
        TensorData odd = floats("OBSERVED_ATTENTION", 1, 5, 16, 200);
        ServerException error = null;
        for (int i = 0; i < 3; i++) {
            error = Requests.run(server, Requests.request("both", Map.of(), odd, KEYS, VALUES))
                    .error();
        }
        assertThat(error).hasMessageContaining("OBSERVED_ATTENTION").hasMessageContaining("H is a multiple of G");
        assertThat(error.status()).isEqualTo(ServerException.Status.INVALID_ARG);
    }
}
