package dev.purekv.model.qwen25vl;

import dev.purekv.model.Grid;
import dev.purekv.model.VisualInput;
import dev.purekv.model.decoder.PromptLayout;

/**
 * Positions of tokens on three axes, by the rule of the model's first release: text advances all three together, an
 * image or video lays its cells out on a grid, and what follows starts behind its largest position.
 *
 * <p>Source: {@code get_rope_index} as first integrated into transformers. Releases 4.5x cast the seconds of a slice to an
 * integer, and releases 5.x continue elsewhere after a video; neither is what the weights were trained with.
 *
 * @param delta next free position less the number of tokens: generated token s has position s + delta on all axes
 */
record RopePositions(int[] time, int[] height, int[] width, int delta) {
    static RopePositions of(PromptLayout layout, VisionConfig vision) {
        int tokens = layout.ids().length;
        RopePositions positions = new RopePositions(new int[tokens], new int[tokens], new int[tokens], 0);
        int token = 0;
        int next = 0;
        for (PromptLayout.Span span : layout.spans()) {
            next = positions.text(token, span.start(), next);
            next = positions.visual(span, next, vision);
            token = span.end();
        }
        next = positions.text(token, tokens, next);
        return new RopePositions(positions.time, positions.height, positions.width, next - tokens);
    }

    /** Text tokens: each at one position on all axes. */
    static RopePositions of(int... positions) {
        return new RopePositions(positions, positions, positions, 0);
    }

    int tokens() {
        return time.length;
    }

    private int text(int from, int to, int position) {
        int next = position;
        for (int token = from; token < to; token++) {
            set(token, next, next, next);
            next++;
        }
        return next;
    }

    private int visual(PromptLayout.Span span, int start, VisionConfig vision) {
        Grid grid = span.visual().grid();
        boolean video = span.visual().kind() == VisualInput.Kind.VIDEO;
        float seconds = video ? (float) span.visual().secondsPerGrid() : 0;
        int rows = grid.h() / vision.merge();
        int columns = grid.w() / vision.merge();
        int token = span.start();
        int largest = start + Math.max(rows, columns) - 1;
        for (int slice = 0; slice < grid.t(); slice++) {
            // float32, in this order, and cut off last: that is what the reference's tensors do.
            int time = start + (int) (slice * seconds * vision.tokensPerSecond());
            largest = Math.max(largest, time);
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    set(token++, time, start + row, start + column);
                }
            }
        }
        return largest + 1;
    }

    private void set(int token, int t, int h, int w) {
        time[token] = t;
        height[token] = h;
        width[token] = w;
    }
}
