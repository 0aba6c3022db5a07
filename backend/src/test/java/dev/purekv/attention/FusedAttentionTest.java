package dev.purekv.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.NoNativeLeak;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The fused kernel against the definition, and the definition against a case that can be worked out by hand. */
@ExtendWith(NoNativeLeak.class)
class FusedAttentionTest {
    private static final double FLOAT32 = 1e-5;

    private final Attention fused = new FusedAttention();
    private final Attention reference = new ReferenceAttention();

    @BeforeEach
    void fixSeed() {
        torch.manual_seed(7);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 1, 1, 8",
        "1, 40, 4, 2, 16",
        "1, 300, 14, 2, 64",
        "1, 1, 8, 1, 32",
        "7, 7, 4, 4, 16",
        "33, 33, 4, 2, 32",
        "130, 130, 14, 2, 64",
        "600, 600, 6, 3, 16",
        "2, 9, 4, 2, 16",
        "100, 513, 8, 2, 24"
    })
    void agreesWithTheDefinitionOnCausalAttention(int tokens, int keys, int heads, int groups, int width) {
        Tensor q = torch.randn(tokens, heads, width);
        Tensor k = reserved(groups, keys, width);
        Tensor v = reserved(groups, keys, width);
        assertThat(distance(fused.causal(q, k, v), reference.causal(q, k, v))).isLessThan(FLOAT32);
    }

    @ParameterizedTest
    @CsvSource({"1, 4, 1, 8", "3, 16, 2, 16", "5, 64, 16, 80", "2, 300, 4, 24"})
    void agreesWithTheDefinitionOnFullAttention(int segments, int tokens, int heads, int width) {
        Tensor qkv = torch.randn(segments, tokens, 3, heads, width);
        Tensor q = qkv.select(2, 0);
        Tensor k = qkv.select(2, 1);
        Tensor v = qkv.select(2, 2);
        assertThat(distance(fused.full(q, k, v), reference.full(q, k, v))).isLessThan(FLOAT32);
    }

    @Test
    void seesEarlierTokensOnlyAndSharesKeysInsideAGroup() {
        // Keys of zero make all scores equal: each of two query heads must average the values up to its own token.
        Tensor q = torch.randn(3, 2, 1);
        Tensor k = torch.zeros(1, 4, 1);
        Tensor v = Tensor.create(new float[] {0, 2, 4, 10}, 1, 4, 1);
        Tensor expected = Tensor.create(new float[] {1, 1, 2, 2, 4, 4}, 3, 2, 1);
        assertThat(distance(reference.causal(q, k, v), expected)).isLessThan(FLOAT32);
        assertThat(distance(fused.causal(q, k, v), expected)).isLessThan(FLOAT32);
    }

    @Test
    void readsTheKeysOfItsOwnGroup() {
        Tensor q = torch.ones(1, 4, 1);
        Tensor k = torch.zeros(2, 1, 1);
        Tensor v = Tensor.create(new float[] {5, 9}, 2, 1, 1);
        Tensor expected = Tensor.create(new float[] {5, 5, 9, 9}, 1, 4, 1);
        assertThat(distance(reference.causal(q, k, v), expected)).isLessThan(FLOAT32);
        assertThat(distance(fused.causal(q, k, v), expected)).isLessThan(FLOAT32);
    }

    /** A view of the first tokens of a larger tensor, as a cache with room to spare hands it out. */
    private static Tensor reserved(long groups, long tokens, long width) {
        return torch.randn(groups, tokens + 5, width).narrow(1, 0, tokens);
    }

    private static double distance(Tensor a, Tensor b) {
        assertThat(a.shape()).isEqualTo(b.shape());
        return a.sub(b).abs().max().item_float();
    }
}
