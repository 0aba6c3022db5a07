package dev.purekv.attention.sparse;

/** Which tokens of a sequence see which. */
public sealed interface Visibility permits SparsePattern, KeptPattern {
    int tokens();

    /** Whether token {@code i} sees token {@code j}: the definition that everything else is held to. */
    boolean allows(int i, int j);

    /**
     * What is left of this where only some tokens are.
     *
     * @param survivors their numbers here, ascending
     * @throws IllegalArgumentException when they are not ascending numbers of tokens
     */
    Visibility kept(int[] survivors);
}
