package dev.purekv.compression;

/**
 * Is told what becomes of a prompt's entries while its layers are computed. Nothing is done for it that it does not ask for,
 * and it changes nothing.
 */
public interface PrefillWitness {
    /** Asks for nothing. */
    PrefillWitness NONE = new PrefillWitness() {};

    /** How many of the last queries it wants to see the attention of, at every layer; 0 for none. */
    default int observedQueries() {
        return 0;
    }

    /**
     * A layer before anything of it is cut; called for every layer in their order when {@link #observedQueries} is not 0.
     *
     * @param layer with the attention of those queries; its tensors live until this returns
     */
    default void observes(ScoredLayer layer) {}

    /** Whether it wants to hear {@link #keeps}, which costs a copy a layer. */
    default boolean asksWhatIsKept() {
        return false;
    }

    /**
     * A layer that gives something up; a layer that keeps all is not told.
     *
     * @param positions (G, K) in the prompt, ascending within each head
     * @param tokens N
     */
    default void keeps(int layer, int[][] positions, int tokens) {}
}
