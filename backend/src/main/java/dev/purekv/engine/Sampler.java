package dev.purekv.engine;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Chooses one token after another for one answer. In the order of transformers' logits processors (4.57.6,
 * generation/logits_process.py): repetition penalty over prompt and answer, frequency and presence penalties over the answer (as in
 * OpenAI's API), minimum length, temperature, top-k, top-p, min-p. Ties go to the lower id.
 */
public final class Sampler {
    private final Sampling sampling;
    private final int[] endTokens;
    private final SplittableRandom random;
    private final BitSet seen = new BitSet();
    private final Map<Integer, Integer> generated = new HashMap<>();
    private int count;

    /** @param prompt ids that the repetition penalty counts, placeholders included, as the reference does */
    public Sampler(Sampling sampling, Set<Integer> endTokens, int[] prompt) {
        this.sampling = sampling;
        this.endTokens = endTokens.stream().mapToInt(Integer::intValue).toArray();
        this.random = sampling.seed() == null ? new SplittableRandom() : new SplittableRandom(sampling.seed());
        for (int id : prompt) {
            seen.set(id);
        }
    }

    /**
     * Takes the next token and remembers it.
     *
     * @param logits (V); changed in place
     */
    public int next(float[] logits) {
        penalise(logits);
        if (count < sampling.minTokens()) {
            for (int end : endTokens) {
                logits[end] = Float.NEGATIVE_INFINITY;
            }
        }
        int token = sampling.temperature() == 0 ? likeliest(logits) : draw(logits);
        seen.set(token);
        generated.merge(token, 1, Integer::sum);
        count++;
        return token;
    }

    private void penalise(float[] logits) {
        if (sampling.repetitionPenalty() != 1) {
            float penalty = (float) sampling.repetitionPenalty();
            for (int id = seen.nextSetBit(0); id >= 0; id = seen.nextSetBit(id + 1)) {
                logits[id] = logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty;
            }
        }
        if (sampling.frequencyPenalty() != 0 || sampling.presencePenalty() != 0) {
            generated.forEach((id, times) ->
                    logits[id] -= (float) (times * sampling.frequencyPenalty() + sampling.presencePenalty()));
        }
    }

    private static int likeliest(float[] logits) {
        int best = 0;
        for (int id = 1; id < logits.length; id++) {
            if (logits[id] > logits[best]) {
                best = id;
            }
        }
        return best;
    }

    private int draw(float[] logits) {
        double[] weights = softmax(logits, sampling.temperature());
        int[] order = descending(weights);
        int kept = kept(weights, order);
        double total = 0;
        for (int i = 0; i < kept; i++) {
            total += weights[order[i]];
        }
        double at = random.nextDouble() * total;
        for (int i = 0; i < kept; i++) {
            at -= weights[order[i]];
            if (at < 0) {
                return order[i];
            }
        }
        return order[kept - 1];
    }

    /** How many of the likeliest tokens top-k, top-p and min-p leave; at least one. */
    private int kept(double[] weights, int[] order) {
        int kept = sampling.topK() == 0 ? order.length : Math.min(sampling.topK(), order.length);
        if (sampling.topP() < 1) {
            double total = 0;
            for (int i = 0; i < kept; i++) {
                total += weights[order[i]];
            }
            double sum = 0;
            for (int i = 0; i < kept; i++) {
                sum += weights[order[i]];
                if (sum >= sampling.topP() * total) {
                    kept = i + 1;
                }
            }
        }
        while (kept > 1 && weights[order[kept - 1]] < sampling.minP() * weights[order[0]]) {
            kept--;
        }
        return kept;
    }

    /** @return probabilities (V) */
    static double[] softmax(float[] logits, double temperature) {
        double max = logits[likeliest(logits)];
        double[] weights = new double[logits.length];
        double sum = 0;
        for (int id = 0; id < logits.length; id++) {
            weights[id] = Math.exp((logits[id] - max) / temperature);
            sum += weights[id];
        }
        for (int id = 0; id < logits.length; id++) {
            weights[id] /= sum;
        }
        return weights;
    }

    /** Ids from the likeliest on; equal ones by id. */
    static int[] descending(double[] weights) {
        // A probability's bits order as the number does; below them, the inverted id breaks ties to the lower one.
        long[] keys = new long[weights.length];
        for (int id = 0; id < weights.length; id++) {
            long high = Float.floatToIntBits((float) weights[id]);
            keys[id] = high << 32 | (0xffffffffL - id);
        }
        Arrays.sort(keys);
        int[] order = new int[keys.length];
        for (int i = 0; i < keys.length; i++) {
            order[i] = (int) (0xffffffffL - (keys[keys.length - 1 - i] & 0xffffffffL));
        }
        return order;
    }
}
