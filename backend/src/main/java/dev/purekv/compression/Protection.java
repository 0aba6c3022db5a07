package dev.purekv.compression;

import dev.purekv.tensor.Native;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Entries that are kept whatever their score, and the choice among the others. The protected ones never enter the ranking,
 * so no score, not even one that is not a number, can displace them.
 *
 * @param sinks at the start of the prompt
 * @param recents at its end
 */
public record Protection(int sinks, int recents) {
    /** Entries protected in a prompt of so many tokens. */
    int count(int tokens) {
        return (int) Math.min(tokens, (long) sinks + recents);
    }

    /**
     * @param scores (G, N), higher is kept; ties go to the lower position
     * @param keep K, at least {@link #count} and at most N
     * @return positions (G, K) int64, ascending
     */
    Tensor choose(Tensor scores, int keep) {
        int tokens = (int) scores.size(1);
        int chosen = keep - count(tokens);
        if (chosen < 0 || keep > tokens) {
            throw new IllegalArgumentException(
                    "expected to keep between " + count(tokens) + " and " + tokens + " entries, got " + keep);
        }
        return Native.scoped(() -> {
            int first = Math.min(sinks, tokens);
            int last = count(tokens) - first;
            Tensor ranked = scores.narrow(1, first, tokens - first - last)
                    .sort(new BoolOptional(true), -1, true)
                    .get1() // (G, N - P), best first; a stable sort leaves the lower position ahead
                    .narrow(1, 0, chosen)
                    .add(new Scalar(first));
            Tensor best = ranked.sort(-1, false).get0(); // (G, K - P), ascending
            return torch.cat(new TensorVector(range(scores, 0, first), best, range(scores, tokens - last, tokens)), 1);
        });
    }

    /** @return (G, to - from) int64 */
    private static Tensor range(Tensor scores, int from, int to) {
        TensorOptions options =
                new TensorOptions(ScalarType.Long).device(new org.bytedeco.pytorch.DeviceOptional(scores.device()));
        return torch.arange(new Scalar(from), new Scalar(to), options).expand(scores.size(0), to - from);
    }
}
