package dev.purekv.evaluation;

import dev.purekv.compression.PrefillWitness;
import java.util.Arrays;
import java.util.List;

/** How much of the attention that the full cache received goes to entries that are kept. */
final class KeptMass implements PrefillWitness {
    private final List<LayerEvidence.Layer> full;
    private final double[] shares; // by layer, mean over heads

    KeptMass(List<LayerEvidence.Layer> full) {
        this.full = full;
        this.shares = new double[full.size()];
        Arrays.fill(shares, 1); // a layer that is not told keeps all
    }

    @Override
    public boolean asksWhatIsKept() {
        return true;
    }

    @Override
    public void keeps(int layer, int[][] positions, int tokens) {
        double sum = 0;
        for (int head = 0; head < positions.length; head++) {
            double[] attention = full.get(layer).attention()[head];
            sum += Arrays.stream(positions[head]).mapToDouble(i -> attention[i]).sum()
                    / Arrays.stream(attention).sum();
        }
        shares[layer] = sum / positions.length;
    }

    /** From 0 to 1, mean over layers and heads. */
    double share() {
        return Arrays.stream(shares).average().orElseThrow();
    }
}
