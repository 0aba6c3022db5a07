package dev.purekv.compression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.NoNativeLeak;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoNativeLeak.class)
class ObservedAttentionTest {
    @ParameterizedTest
    @CsvSource({"1,1,1,1", "7,7,4,2", "32,100,4,1", "64,90,2,2", "65,300,6,2", "200,200,8,2", "129,130,3,3"})
    void agreesWithTheWholeMatrix(int queries, int tokens, int heads, int groups) {
        torch.manual_seed(queries);
        Tensor q = torch.randn(tokens, heads, 16);
        Tensor keys = torch.randn(groups, tokens, 16);
        Tensor found = ObservedAttention.received(q.narrow(0, tokens - queries, queries), keys);
        assertThat(found.shape()).containsExactly(groups, tokens);
        assertThat(found.sub(whole(q, keys, queries)).abs().max().item_float()).isLessThan(1e-5f);
        // Each query of each head gives away one, which a group shares out as a mean.
        assertThat(found.sum().item_float()).isCloseTo((float) queries * groups, offset(1e-3f));
    }

    private static org.assertj.core.data.Offset<Float> offset(float value) {
        return org.assertj.core.data.Offset.offset(value);
    }

    /** The definition, N x N, one head after another. */
    private static Tensor whole(Tensor q, Tensor keys, int queries) {
        long tokens = q.size(0);
        long group = q.size(1) / keys.size(0);
        Tensor sums = torch.zeros(keys.size(0), tokens);
        for (long head = 0; head < q.size(1); head++) {
            Tensor scores =
                    q.select(1, head).mm(keys.select(0, head / group).t()).div(new Scalar(4.0)); // (N, N)
            Tensor hidden = torch.ones(tokens, tokens).triu(1).to(torch.ScalarType.Bool);
            Tensor weights = scores.masked_fill(hidden, new Scalar(Double.NEGATIVE_INFINITY))
                    .softmax(-1)
                    .narrow(0, tokens - queries, queries);
            sums.select(0, head / group).add_(weights.sum(0).div(new Scalar(group)));
        }
        return sums;
    }

    /** 12,288 tokens and 8 heads: the window needs 12 MiB, the whole matrix 4.5 GiB, one head of it 576 MiB. */
    @Test
    void neverHoldsMoreThanAFewWindows() throws IOException {
        int tokens = 12_288;
        long window = 8L * 32 * tokens * Float.BYTES;
        long tile = 8L * ObservedAttention.TILE * tokens * Float.BYTES;
        Tensor q = torch.randn(tokens, 8, 64);
        Tensor keys = torch.randn(2, tokens, 64);
        observe(q.narrow(0, 0, 256), keys.narrow(1, 0, 256)); // the heap grows once
        assertThat(growth(q.narrow(0, tokens - 32, 32), keys)).isLessThan(4 * window + slack());
        assertThat(growth(q.narrow(0, tokens - 512, 512), keys)).isLessThan(4 * tile + slack());
    }

    private static long slack() {
        return 16L << 20;
    }

    private static void observe(Tensor q, Tensor keys) {
        try (PointerScope scope = new PointerScope()) {
            ObservedAttention.received(q, keys);
        }
    }

    /** How far the process grew above what it held before, at its highest. */
    private static long growth(Tensor q, Tensor keys) throws IOException {
        Files.writeString(Path.of("/proc/self/clear_refs"), "5"); // the highest mark falls to the present
        long before = highest();
        observe(q, keys);
        return highest() - before;
    }

    private static long highest() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }
}
