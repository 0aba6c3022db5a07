package dev.purekv.evaluation;

/** Kullback-Leibler divergence between the distributions of two logits. */
final class Divergence {
    private Divergence() {}

    /** @return divergence of q from p in nats, both given as logits (V) */
    static double of(float[] p, float[] q) {
        double[] logP = logSoftmax(p);
        double[] logQ = logSoftmax(q);
        double sum = 0;
        for (int id = 0; id < p.length; id++) {
            sum += Math.exp(logP[id]) * (logP[id] - logQ[id]);
        }
        return Math.max(0, sum);
    }

    private static double[] logSoftmax(float[] logits) {
        double max = Double.NEGATIVE_INFINITY;
        for (float each : logits) {
            max = Math.max(max, each);
        }
        double sum = 0;
        for (float each : logits) {
            sum += Math.exp(each - max);
        }
        double[] values = new double[logits.length];
        for (int id = 0; id < logits.length; id++) {
            values[id] = logits[id] - max - Math.log(sum);
        }
        return values;
    }
}
