package dev.purekv.model.videollama2.input;

/**
 * Which frames of a clip the model sees: the middles of as many equal parts. A clip with fewer frames shows some of them again.
 *
 * <p>Source: {@code frame_sample} in the original's {@code mm_utils.py}, and the one inside {@code process_video} before version 1.5.
 *
 * @param count frames
 */
record UniformFrames(int count, CodeVersion code) {
    /** @return {@code count} indices into the clip's frames, ascending, perhaps some of them several times */
    int[] choose(int clipFrames) {
        double part = (double) (clipFrames - 1) / count;
        int[] indices = new int[count];
        for (int i = 0; i < count; i++) {
            double start = part * i;
            double end = part * (i + 1);
            indices[i] = code == CodeVersion.V1_5
                    ? (int) Math.rint((start + end) / 2 + 1e-6)
                    : ((int) Math.rint(start) + (int) Math.rint(end)) / 2;
        }
        return indices;
    }
}
