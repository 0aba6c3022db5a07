package dev.purekv.evaluation;

import dev.purekv.compression.PrefillWitness;
import dev.purekv.compression.ScoredLayer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What every layer of an uncut prefill pays to each token, and how long its values are. */
final class LayerEvidence implements PrefillWitness {
    /**
     * One layer.
     *
     * @param attention (G, N), of the last queries, summed over them
     * @param valueNorms (G, N)
     */
    record Layer(double[][] attention, double[][] valueNorms) {
        int heads() {
            return attention.length;
        }

        int tokens() {
            return attention[0].length;
        }
    }

    private final int window;
    private final List<Layer> layers = new ArrayList<>();

    LayerEvidence(int window) {
        this.window = window;
    }

    @Override
    public int observedQueries() {
        return window;
    }

    @Override
    public void observes(ScoredLayer layer) {
        layers.add(new Layer(rows(layer.attention()), rows(layer.valueNorms())));
    }

    private static double[][] rows(Tensor tensor) {
        int heads = (int) tensor.size(0);
        int tokens = (int) tensor.size(1);
        double[] all = new double[heads * tokens];
        tensor.to(new Device(DeviceType.CPU), ScalarType.Double)
                .contiguous()
                .data_ptr_double()
                .get(all);
        double[][] rows = new double[heads][tokens];
        for (int head = 0; head < heads; head++) {
            System.arraycopy(all, head * tokens, rows[head], 0, tokens);
        }
        return rows;
    }

    /** L layers, the lowest first. */
    List<Layer> layers() {
        return List.copyOf(layers);
    }
}
