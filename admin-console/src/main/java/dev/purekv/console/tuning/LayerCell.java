package dev.purekv.console.tuning;

import dev.purekv.settings.KvSettings;
import java.util.ArrayList;
import java.util.List;

/**
 * A layer in the picture of a model.
 *
 * @param observed its attention is a source
 * @param sparse it has spatial-temporal sparse attention
 * @param pruned it lacks visual tokens
 */
record LayerCell(int index, boolean observed, boolean sparse, boolean pruned) {
    /** @param kv resolved */
    static List<LayerCell> all(KvSettings kv, int layers) {
        List<LayerCell> cells = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            cells.add(new LayerCell(
                    layer,
                    kv.clieLayers().contains(layer),
                    layer >= kv.sparseAttentionLayer().orElse(layers),
                    layer >= kv.tokenPruningLayer().orElse(layers)));
        }
        return cells;
    }

    /** @return classes of its colour */
    public String classes() {
        return (observed ? "observed " : "") + (sparse ? "sparse " : "") + (pruned ? "pruned" : "");
    }
}
