package dev.purekv.model.qwen25vl;

import dev.purekv.model.decoder.DecoderConfig;
import dev.purekv.model.decoder.Positions;
import dev.purekv.model.decoder.PromptLayout;
import dev.purekv.model.layer.RotaryTable;
import dev.purekv.tensor.ComputeDevice;

/**
 * Rotary positions on three axes: each frequency follows one of them. The first {@code mrope_section[0]} frequencies turn
 * with time, the next with height, the rest with width; for text, where all axes agree, this is ordinary RoPE.
 */
final class MultimodalRope implements Positions {
    private final float[] inverseFrequencies; // D/2
    private final int heightFrom;
    private final int widthFrom;
    private final VisionConfig vision;
    private final ComputeDevice device;

    MultimodalRope(Qwen25VlConfig config, ComputeDevice device) {
        DecoderConfig text = config.text();
        this.inverseFrequencies = RotaryTable.inverseFrequencies(text.ropeTheta(), text.headWidth());
        this.heightFrom = config.mropeSections().get(0);
        this.widthFrom = heightFrom + config.mropeSections().get(1);
        this.vision = config.vision();
        this.device = device;
    }

    @Override
    public OfPrompt of(PromptLayout prompt) {
        RopePositions positions = RopePositions.of(prompt, vision);
        return new OfPrompt(table(positions), positions.delta());
    }

    @Override
    public RotaryTable of(int... positions) {
        return table(RopePositions.of(positions));
    }

    RotaryTable table(RopePositions positions) {
        int half = inverseFrequencies.length;
        float[] angles = new float[Math.multiplyExact(positions.tokens(), half)];
        for (int token = 0; token < positions.tokens(); token++) {
            fill(angles, token * half, positions.time()[token], 0, heightFrom);
            fill(angles, token * half, positions.height()[token], heightFrom, widthFrom);
            fill(angles, token * half, positions.width()[token], widthFrom, half);
        }
        return RotaryTable.of(angles, positions.tokens(), device);
    }

    private void fill(float[] angles, int offset, float position, int from, int to) {
        for (int i = from; i < to; i++) {
            angles[offset + i] = position * inverseFrequencies[i];
        }
    }
}
