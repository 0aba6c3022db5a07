package dev.purekv.compression;

import java.util.Arrays;

/** As many entries in every layer. */
record UniformBudget() implements Budget {
    @Override
    public int[] share(int layers, int tokens, int mean, int floor) {
        int[] shares = new int[layers];
        Arrays.fill(shares, mean);
        return shares;
    }
}
