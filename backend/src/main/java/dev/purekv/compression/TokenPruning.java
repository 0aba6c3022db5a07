package dev.purekv.compression;

import dev.purekv.tensor.Native;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Which visual tokens leave a prompt on its way up: from one layer on they are not computed, and not cached. All heads lose
 * the same tokens, for the hidden states that are dropped belong to all of them.
 *
 * @param firstLayer the first layer without them, above every source layer
 * @param tokens N
 * @param candidates the tokens that may leave, ascending: images and videos, but what is protected of them
 * @param survivors M, how many stay; at least N less the candidates, and less than N
 */
public record TokenPruning(int firstLayer, int tokens, int[] candidates, int survivors) {
    public TokenPruning {
        if (survivors < tokens - candidates.length || survivors >= tokens) {
            throw new IllegalArgumentException("expected from " + (tokens - candidates.length) + " to " + (tokens - 1)
                    + " survivors, got " + survivors);
        }
    }

    /**
     * The candidates of the highest scores stay, ties to the lower position, and whatever is no candidate.
     *
     * @param scores (N), higher stays
     * @return M positions, ascending
     */
    int[] choose(Tensor scores) {
        int chosen = survivors - (tokens - candidates.length);
        long[] best = new long[chosen];
        Native.scoped(() -> {
            Tensor among = Tensor.create(
                            Arrays.stream(candidates).asLongStream().toArray())
                    .to(scores.device(), ScalarType.Long);
            Tensor ranked = scores.index_select(0, among)
                    .sort(new BoolOptional(true), -1, true) // stable: of equals the lower position stays ahead
                    .get1()
                    .narrow(0, 0, chosen)
                    .cpu();
            ranked.data_ptr_long().get(best);
            return ranked;
        });
        boolean[] dropped = new boolean[tokens];
        for (int candidate : candidates) {
            dropped[candidate] = true;
        }
        for (long rank : best) {
            dropped[candidates[(int) rank]] = false;
        }
        return IntStream.range(0, tokens).filter(token -> !dropped[token]).toArray();
    }
}
