package dev.purekv.media;

/**
 * Which frames of a clip the model sees.
 *
 * <p>Source: qwen-vl-utils 0.0.14, {@code smart_nframes} and the float32 {@code linspace} of its readers. Differs: a clip of
 * one frame, which the reference refuses, gives that frame.
 *
 * @param framesPerSecond wanted
 * @param minFrames at least so many, where the clip has them
 * @param maxFrames at most so many
 */
public record FrameSampling(double framesPerSecond, int minFrames, int maxFrames) {
    /** The reference's constants, for checkpoints that say nothing. */
    public static final FrameSampling DEFAULT = new FrameSampling(2.0, 4, 768);

    /** Frames come in pairs, for the vision tower joins two into one slice. */
    private static final int PAIR = 2;

    public FrameSampling {
        if (!(framesPerSecond > 0) || minFrames < 1 || maxFrames < PAIR) {
            throw new IllegalArgumentException("frame sampling needs fps > 0, min_frames >= 1 and max_frames >= 2, got "
                    + framesPerSecond + ", " + minFrames + " and " + maxFrames);
        }
    }

    /** @return indices into the clip's frames, ascending */
    public int[] choose(int totalFrames, double clipFramesPerSecond) {
        if (totalFrames == 1) {
            return new int[] {0};
        }
        return linspace(totalFrames, count(totalFrames, clipFramesPerSecond));
    }

    private int count(int total, double clipFramesPerSecond) {
        int low = (minFrames + PAIR - 1) / PAIR * PAIR;
        int high = maxFrames / PAIR * PAIR;
        double wanted = total / clipFramesPerSecond * framesPerSecond;
        double bounded = Math.min(Math.min(Math.max(wanted, low), high), total);
        return Math.max(PAIR, (int) Math.floor(bounded / PAIR) * PAIR);
    }

    /**
     * torch.linspace(0, total - 1, n) in float32: it counts up from the start and, from the middle on, down from the end,
     * where its kernel is compiled to a fused multiply-add.
     */
    private static int[] linspace(int total, int n) {
        float end = total - 1;
        float step = end / (n - 1);
        int[] indices = new int[n];
        for (int i = 0; i < n; i++) {
            float at = i < n / 2 ? step * i : Math.fma(-step, n - 1 - i, end);
            indices[i] = (int) Math.rint(at);
        }
        return indices;
    }
}
