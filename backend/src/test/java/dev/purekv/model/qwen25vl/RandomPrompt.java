package dev.purekv.model.qwen25vl;

import dev.purekv.media.Frame;
import dev.purekv.model.Grid;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.VisualInput;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Prompts for {@link RandomCheckpoint}: text, and noise to look at. */
final class RandomPrompt {
    private static final int IMAGE = 120;
    private static final int VIDEO = 121;

    private final Random random;
    private final List<Integer> ids = new ArrayList<>();
    private final List<VisualInput> visuals = new ArrayList<>();

    RandomPrompt(long seed) {
        random = new Random(seed);
    }

    /** Two or three images and videos of 6 to 60 tokens, with text before, behind and mostly between them. */
    static ModelPrompt mixed(long seed) {
        RandomPrompt prompt = new RandomPrompt(seed);
        prompt.text(1 + prompt.random.nextInt(6));
        for (int i = 0; i < 2 + prompt.random.nextInt(2); i++) {
            boolean video = prompt.random.nextInt(3) > 0;
            prompt.visual(
                    video ? 3 + prompt.random.nextInt(4) : 1,
                    2 * (2 + prompt.random.nextInt(2)),
                    2 * (2 + prompt.random.nextInt(3)));
            prompt.text(prompt.random.nextInt(6));
        }
        return prompt.text(6).done();
    }

    RandomPrompt text(int tokens) {
        random.ints(tokens, 0, IMAGE).forEach(ids::add);
        return this;
    }

    /** @param slices 1 for an image */
    RandomPrompt visual(int slices, int rows, int columns) {
        boolean video = slices > 1;
        List<Frame> frames = IntStream.range(0, video ? 2 * slices : 1)
                .mapToObj(i -> {
                    byte[] rgb = new byte[rows * columns * 14 * 14 * 3];
                    random.nextBytes(rgb);
                    return new Frame(columns * 14, rows * 14, rgb);
                })
                .toList();
        visuals.add(new VisualInput(
                video ? VisualInput.Kind.VIDEO : VisualInput.Kind.IMAGE,
                frames,
                new Grid(slices, rows, columns),
                video ? 1 : 0));
        for (int i = 0; i < slices * rows * columns / 4; i++) {
            ids.add(video ? VIDEO : IMAGE);
        }
        return this;
    }

    ModelPrompt done() {
        return new ModelPrompt(ids.stream().mapToInt(Integer::intValue).toArray(), visuals);
    }
}
