package dev.purekv.compression;

import java.util.Map;
import java.util.TreeMap;

/** Remembers how many heads of each layer kept each token of a prompt. */
public final class KeptTokens implements PrefillWitness {
    /** @param counts N, the heads that keep each token */
    private record Layer(int heads, int kept, int[] counts) {}

    private final Map<Integer, Layer> cut = new TreeMap<>();

    @Override
    public boolean asksWhatIsKept() {
        return true;
    }

    @Override
    public void keeps(int layer, int[][] positions, int tokens) {
        int[] counts = new int[tokens];
        for (int[] head : positions) {
            for (int position : head) {
                counts[position]++;
            }
        }
        cut.put(layer, new Layer(positions.length, positions[0].length, counts));
    }

    /** @return K, the tokens that each head of a layer keeps of a prompt of so many */
    public int kept(int layer, int tokens) {
        return cut.containsKey(layer) ? cut.get(layer).kept() : tokens;
    }

    /** @return part of a layer's key/value heads that keep a token, from 0 to 1 */
    public double share(int layer, int token) {
        Layer found = cut.get(layer);
        return found == null ? 1 : (double) found.counts()[token] / found.heads();
    }
}
