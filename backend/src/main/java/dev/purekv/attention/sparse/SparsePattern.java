package dev.purekv.attention.sparse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which tokens of a prompt see which. Text sees everything before it. A visual token at slice t and cell p sees itself, all
 * text before it, and within its own image or video, as far as {@link SparseReach} allows, the tokens of slice t before it
 * and cell p of earlier slices. Of <em>other</em> images and videos it sees nothing, not even of one right before it: their
 * cells are other places and their slices other times, and the text between and after them, which sees both, brings them
 * together.
 *
 * <p>Source: PureKV (arXiv:2510.25600) names spatial and temporal sparsity and gives no equations; this pattern is ours.
 *
 * @param tokens N of the prompt
 * @param visuals images and videos in the order of the prompt; all other tokens are text
 */
public record SparsePattern(int tokens, List<VisualRun> visuals, SparseReach reach) implements Visibility {
    public SparsePattern {
        visuals = List.copyOf(visuals);
        int free = 0;
        for (VisualRun visual : visuals) {
            if (visual.start() < free || visual.end() > tokens) {
                throw new IllegalArgumentException("expected images and videos one after another within " + tokens
                        + " tokens, got one from " + visual.start() + " to " + visual.end() + " where " + free
                        + " is the first free token");
            }
            free = visual.end();
        }
    }

    @Override
    public boolean allows(int i, int j) {
        if (j > i) {
            return false;
        }
        VisualRun own = visual(i);
        if (own == null || i == j || visual(j) == null) {
            return true;
        }
        if (!own.holds(j)) {
            return false;
        }
        int back = own.slice(i) - own.slice(j);
        return back == 0 ? reach.spatial() : own.cell(i) == own.cell(j) && back <= reach.slicesBack();
    }

    @Override
    public Visibility kept(int[] survivors) {
        return new KeptPattern(this, survivors);
    }

    /** @return the image or video that holds this token; null for text */
    VisualRun visual(int token) {
        for (VisualRun visual : visuals) {
            if (visual.holds(token)) {
                return visual;
            }
        }
        return null;
    }

    /** @return the tokens that token {@code i} sees, ascending, itself last */
    int[] seen(int i) {
        int[] seen = new int[i + 1];
        int count = 0;
        for (int j = 0; j <= i; j++) {
            if (allows(i, j)) {
                seen[count++] = j;
            }
        }
        return Arrays.copyOf(seen, count);
    }

    /** @return the text before, between and behind images and videos, as far as there is any */
    List<TextRun> texts() {
        List<TextRun> runs = new ArrayList<>();
        int free = 0;
        for (VisualRun visual : visuals) {
            addText(runs, free, visual.start());
            free = visual.end();
        }
        addText(runs, free, tokens);
        return runs;
    }

    private static void addText(List<TextRun> runs, int start, int end) {
        if (end > start) {
            runs.add(new TextRun(start, end));
        }
    }
}
