package dev.purekv.attention.sparse;

import dev.purekv.attention.FusedAttention;
import dev.purekv.tensor.Native;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Fused attentions over key sets that have no key in common, merged by their log-sum-exp: exact, with work of
 * O(N (P + T + text)) for N visual tokens instead of O(N^2).
 *
 * <p>One key/value head is done after another ({@link HeadPrefill}), and a video a slab of slices at a time
 * ({@link VisualHead}): memory is the result, a copy of one head's keys and values, and O(D) for each token of the longest
 * slab or text. Runs on the CPU only. Where only survivors of token pruning are left, {@link SurvivorAttention} does it all.
 */
public final class MergedSparseAttention implements SparseAttention {
    private final FusedAttention dense = new FusedAttention();
    private final SurvivorAttention survivors;
    private final Runnable pause;

    /** Attends without a pause. */
    public MergedSparseAttention() {
        this(() -> {});
    }

    /** @param pause called between key/value heads, or tiles of survivors; may throw to stop */
    MergedSparseAttention(Runnable pause) {
        this.survivors = new SurvivorAttention(dense, pause);
        this.pause = pause;
    }

    @Override
    public Tensor attend(Tensor q, Tensor k, Tensor v, Visibility pattern) {
        SparseAttention.requireSameTokens(q, k, pattern);
        if (pattern instanceof KeptPattern kept) {
            return survivors.attend(q, k, v, kept);
        }
        SparsePattern whole = (SparsePattern) pattern;
        return q.size(0) == whole.tokens() ? prompt(q, k, v, whole) : rows(q, k, v, whole);
    }

    private Tensor prompt(Tensor q, Tensor k, Tensor v, SparsePattern pattern) {
        long tokens = q.size(0);
        long groups = k.size(0);
        return Native.scoped(() -> {
            Tensor result = torch.empty(new long[] {tokens, groups, q.size(1) / groups, q.size(2)}, q.options(), null);
            Tensor grouped = q.view(tokens, groups, q.size(1) / groups, q.size(2)); // (N, G, R, D)
            for (int g = 0; g < groups; g++) {
                if (g > 0) {
                    pause.run();
                }
                new HeadPrefill(grouped.select(1, g), k.select(0, g), v.select(0, g), pattern)
                        .writeTo(result.select(1, g));
            }
            return result.view(tokens, q.size(1), q.size(2)); // (N, H, D)
        });
    }

    /** One query after another over the keys that it sees: for the few whose outputs a last layer is asked for. */
    private Tensor rows(Tensor q, Tensor k, Tensor v, SparsePattern pattern) {
        int first = pattern.tokens() - (int) q.size(0);
        return Native.scoped(() -> {
            Tensor result = torch.empty(new long[] {q.size(0), q.size(1), q.size(2)}, q.options(), null); // (T, H, D)
            for (int i = 0; i < q.size(0); i++) {
                int row = i;
                Native.scoped(() ->
                        result.narrow(0, row, 1).copy_(row(q.narrow(0, row, 1), k, v, pattern.seen(first + row))));
            }
            return result;
        });
    }

    private Tensor row(Tensor q, Tensor k, Tensor v, int[] seen) {
        int last = seen[seen.length - 1];
        if (seen.length == last + 1) {
            return dense.causal(q, k.narrow(1, 0, seen.length), v.narrow(1, 0, seen.length)); // text: no copy
        }
        Tensor index = Tensor.create(Arrays.stream(seen).asLongStream().toArray());
        return dense.causal(q, k.index_select(1, index), v.index_select(1, index)); // (1, H, D)
    }
}
