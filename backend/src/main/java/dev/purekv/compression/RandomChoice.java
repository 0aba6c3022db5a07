package dev.purekv.compression;

import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/**
 * Any entries: the line that every method must beat. Each layer and head draws its own, the same ones each time.
 *
 * <p>Source: none needed. Drawn in Java, so that every device keeps the same entries.
 */
record RandomChoice(long seed) implements Scorer {
    @Override
    public Observation observes() {
        return Observation.NOTHING;
    }

    @Override
    public Tensor score(ScoredLayer layer) {
        Tensor keys = layer.keys();
        SplittableRandom random = new SplittableRandom(seed + layer.index());
        float[] scores = new float[Math.toIntExact(keys.size(0) * keys.size(1))];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = (float) random.nextDouble();
        }
        return Tensor.create(scores, new long[] {keys.size(0), keys.size(1)})
                .to(keys.device(), keys.scalar_type(), false, false, null); // (G, N)
    }
}
