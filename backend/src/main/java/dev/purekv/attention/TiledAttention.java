package dev.purekv.attention;

import dev.purekv.tensor.Native;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Some queries at a time, with a pause before each time but the first: for attention that takes long and must let others in.
 *
 * @param tile queries at a time
 * @param pause may throw to stop
 */
public record TiledAttention(CausalAttention attention, int tile, Runnable pause) implements CausalAttention {
    @Override
    public Tensor causal(Tensor q, Tensor k, Tensor v) {
        long queries = q.size(0);
        if (queries <= tile) {
            return attention.causal(q, k, v);
        }
        long before = k.size(1) - queries;
        return Native.scoped(() -> {
            Tensor result = torch.empty(new long[] {queries, q.size(1), q.size(2)}, q.options(), null); // (T, H, D)
            for (long from = 0; from < queries; from += tile) {
                long start = from;
                long rows = Math.min(tile, queries - from);
                long seen = before + from + rows;
                if (from > 0) {
                    pause.run();
                }
                Native.scoped(() -> result.narrow(0, start, rows)
                        .copy_(attention.causal(q.narrow(0, start, rows), k.narrow(1, 0, seen), v.narrow(1, 0, seen))));
            }
            return result;
        });
    }
}
