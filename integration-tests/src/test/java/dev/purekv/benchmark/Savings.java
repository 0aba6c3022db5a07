package dev.purekv.benchmark;

/**
 * The work that a dense prefill does and another one does not, in operations. The last layer computes one row only, dense or
 * not, so nothing of its attention is counted.
 */
record Savings(double linear, double attention) {
    /**
     * @param tokens N
     * @param firstLayer the first sparse one
     */
    static Savings sparse(Shape shape, int tokens, int firstLayer) {
        double share = shareOfPairs(tokens);
        double layers = shape.layers() - 1.0 - firstLayer;
        return new Savings(0, layers * (1 - share) * shape.attention(Shape.causalPairs(tokens)));
    }

    /**
     * Token pruning, where the layer before the first pruned one computes its output projection and MLP for survivors only.
     *
     * @param tokens N
     * @param survivors M
     * @param firstLayer the first that computes survivors only
     */
    static Savings pruning(Shape shape, int tokens, int survivors, int firstLayer) {
        double gone = (double) tokens - survivors;
        int pruned = shape.layers() - firstLayer;
        // The last layer computes its rest for one row only, but the one before the first pruned layer saves it in its
        // place.
        double linear = gone * pruned * (shape.projections() + shape.rest());
        double pairs = Shape.causalPairs(tokens) - Shape.causalPairs(survivors);
        return new Savings(linear, (pruned - 1) * shape.attention(pairs));
    }

    double seconds(KernelRates rates) {
        return linear / rates.linear() + attention / rates.attention();
    }

    /** Of all causal pairs of tokens, those that the spatial-temporal pattern keeps. */
    static double shareOfPairs(int tokens) {
        int text = VideoPrompts.TEXT;
        int video = tokens - 2 * text;
        int slices = video / VideoPrompts.CELLS;
        double ofText = Shape.causalPairs(tokens) - Shape.causalPairs(text + video) + Shape.causalPairs(text);
        double prefix = (double) video * text;
        double space = slices * Shape.causalPairs(VideoPrompts.CELLS);
        double time = VideoPrompts.CELLS * (Shape.causalPairs(slices) - slices); // itself is counted in its slice
        return (ofText + prefix + space + time) / Shape.causalPairs(tokens);
    }
}
