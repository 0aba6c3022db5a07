package dev.purekv.compression;

/**
 * Another budget's shares upside down. What an answer reads of a video, high layers hold: low ones mostly mix neighbours, and give
 * theirs up at little loss (decision 0019).
 */
record InvertedBudget(Budget upright) implements Budget {
    @Override
    public int[] share(int layers, int tokens, int mean, int floor) {
        int[] shares = upright.share(layers, tokens, mean, floor);
        int[] inverted = new int[layers];
        for (int layer = 0; layer < layers; layer++) {
            inverted[layer] = shares[layers - 1 - layer];
        }
        return inverted;
    }
}
