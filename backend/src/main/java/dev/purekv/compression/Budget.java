package dev.purekv.compression;

/** Says how many entries each layer keeps of each head. Never sees a tensor. */
public interface Budget {
    /**
     * @param layers L
     * @param tokens N
     * @param mean entries that a layer keeps on average, at most N and at least {@code floor}
     * @param floor entries that every layer keeps
     * @return L counts between {@code floor} and N, whose sum is exactly L times {@code mean}
     */
    int[] share(int layers, int tokens, int mean, int floor);
}
