package dev.purekv.model;

import java.util.List;

/**
 * A prompt as the model sees it.
 *
 * @param ids N token ids, every visual token present as its placeholder id, which may lie outside the vocabulary
 * @param visuals images and videos in the order in which their placeholders stand in {@code ids}
 */
public record ModelPrompt(int[] ids, List<VisualInput> visuals) {
    public ModelPrompt {
        visuals = List.copyOf(visuals);
    }

    public int tokens() {
        return ids.length;
    }
}
