package dev.purekv.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.ServingException;
import dev.purekv.model.GenerationDefaults;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SamplingReaderTest {
    private static final GenerationDefaults DEFAULTS = new GenerationDefaults(Set.of(1), 64, 0.1, 0.9, 20, 1.05);

    private static Sampling read(Map<String, Object> values) {
        return SamplingReader.read(values, DEFAULTS);
    }

    @Test
    void theCheckpointSaysWhatARequestLeavesOut() {
        Sampling sampling = read(Map.of());
        assertThat(sampling.maxTokens()).isEqualTo(64);
        assertThat(sampling.temperature()).isEqualTo(0.1);
        assertThat(sampling.topP()).isEqualTo(0.9);
        assertThat(sampling.topK()).isEqualTo(20);
        assertThat(sampling.repetitionPenalty()).isEqualTo(1.05);
        assertThat(sampling.logprobs()).isNull();
        assertThat(sampling.skipSpecialTokens()).isTrue();
    }

    @Test
    void numbersMayComeAsTextAndWholeNumbersAsDecimals() {
        Sampling sampling = read(Map.of("max_tokens", "128", "temperature", 0L, "top_k", 5.0, "ignore_eos", "true"));
        assertThat(sampling.maxTokens()).isEqualTo(128);
        assertThat(sampling.temperature()).isZero();
        assertThat(sampling.topK()).isEqualTo(5);
        assertThat(sampling.ignoreEos()).isTrue();
    }

    @Test
    void minusOneMeansNoLimitOfTopK() {
        assertThat(read(Map.of("top_k", -1L)).topK()).isZero();
    }

    @Test
    void aSeedKeepsAll64Bits() {
        assertThat(read(Map.of("seed", Long.MAX_VALUE)).seed()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void stopIsOneTextOrMany() {
        assertThat(read(Map.of("stop", "a")).stop()).containsExactly("a");
        assertThat(read(Map.of("stop", List.of("a", "b"))).stop()).containsExactly("a", "b");
    }

    @Test
    void anUnknownNameIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> read(Map.of("max_new_tokens", 3L)))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining("'max_new_tokens'")
                .hasMessageContaining("max_tokens");
    }

    @ParameterizedTest
    @CsvSource({
        "max_tokens,0", "max_tokens,1.5", "max_tokens,many", "max_tokens,99999999999", "min_tokens,-1",
                "temperature,-1",
        "temperature,NaN", "top_p,0", "top_p,1.1", "min_p,2", "repetition_penalty,0", "frequency_penalty,3",
        "presence_penalty,-3", "stop,''", "ignore_eos,maybe", "logprobs,21", "n,2", "seed,1e30"
    })
    void valuesOutOfRangeAreRefusedByName(String name, String value) {
        assertThatThrownBy(() -> read(Map.of(name, value)))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining("'" + name + "'");
    }
}
