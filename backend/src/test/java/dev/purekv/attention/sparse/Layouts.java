package dev.purekv.attention.sparse;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Prompts drawn at random, with everything that a layout may hold. */
final class Layouts {
    private Layouts() {}

    /**
     * Up to four images and videos, of one to forty slices and one to twenty cells, with text before, between and after them
     * or without any; windows of one slice to all; each half of the pattern on or off.
     */
    static SparsePattern random(SplittableRandom random) {
        List<VisualRun> visuals = new ArrayList<>();
        int tokens = text(random);
        int count = random.nextInt(1, 5);
        for (int i = 0; i < count; i++) {
            int slices = random.nextBoolean() ? random.nextInt(1, 4) : random.nextInt(1, 41);
            VisualRun visual = new VisualRun(tokens, slices, random.nextInt(1, 21));
            visuals.add(visual);
            tokens = visual.end() + text(random);
        }
        int window = random.nextInt(3) == 0 ? SparseReach.ALL_SLICES : random.nextInt(1, 42);
        return new SparsePattern(
                tokens, visuals, new SparseReach(random.nextInt(4) > 0, random.nextInt(4) > 0, window));
    }

    /** All text and a share of the visual tokens, from hardly any to nearly all; the last token is always left. */
    static int[] survivors(SparsePattern whole, SplittableRandom random) {
        double share = random.nextDouble();
        return IntStream.range(0, whole.tokens())
                .filter(i -> i == whole.tokens() - 1 || whole.visual(i) == null || random.nextDouble() < share)
                .toArray();
    }

    private static int text(SplittableRandom random) {
        return random.nextInt(3) == 0 ? 0 : random.nextInt(1, 30);
    }
}
