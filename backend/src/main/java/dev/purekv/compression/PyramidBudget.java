package dev.purekv.compression;

/**
 * Entries fall off from the lowest layer to the highest in equal steps. Of the B entries that a layer keeps on average beside
 * its protected ones, the highest keeps B / 20 and the lowest 2 B - B / 20, or what lets the lowest keep everything.
 *
 * <p>Source: PyramidKV, arXiv:2406.02069, {@code pyramidkv_utils.py} in Zefan-Cai/KVCache-Factory (beta 20). Differs: the
 * original rounds its step down, so that its layers together keep fewer or more than the ratio says; here the rounded shares
 * sum exactly. It is equal wherever B / 20 and the step are whole. kvpress counts the window inside each share and falls back
 * to equal shares when the smallest would be below the window; neither is done here.
 */
record PyramidBudget() implements Budget {
    private static final int BETA = 20;

    @Override
    public int[] share(int layers, int tokens, int mean, int floor) {
        double average = mean - floor;
        double smallest = average / BETA;
        double largest = 2 * average - smallest;
        if (largest > tokens - floor) {
            largest = tokens - floor;
            smallest = 2 * average - largest;
        }
        double step = layers > 1 ? (largest - smallest) / (layers - 1) : 0;
        double first = layers > 1 ? largest : average;
        int[] shares = new int[layers];
        long given = 0;
        double ideal = 0;
        for (int layer = 0; layer < layers; layer++) {
            ideal += first - layer * step;
            // Rounding the running sum, not the share, keeps the total exact.
            long until = layer == layers - 1 ? (long) layers * (mean - floor) : Math.round(ideal);
            int share = (int) Math.min(until - given, tokens - floor);
            shares[layer] = floor + share;
            given += share;
        }
        return shares;
    }
}
