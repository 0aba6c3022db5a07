package dev.purekv.model.decoder;

import dev.purekv.model.layer.RotaryTable;
import dev.purekv.tensor.ComputeDevice;
import java.util.stream.IntStream;

/** Rotary positions that count tokens, visual ones like others. */
public final class PlainRope implements Positions {
    private final float[] inverseFrequencies; // D/2
    private final ComputeDevice device;

    public PlainRope(DecoderConfig config, ComputeDevice device) {
        this.inverseFrequencies = RotaryTable.inverseFrequencies(config.ropeTheta(), config.headWidth());
        this.device = device;
    }

    @Override
    public OfPrompt of(PromptLayout prompt) {
        return new OfPrompt(of(IntStream.range(0, prompt.ids().length).toArray()), 0);
    }

    @Override
    public RotaryTable of(int... positions) {
        int half = inverseFrequencies.length;
        float[] angles = new float[Math.multiplyExact(positions.length, half)];
        for (int token = 0; token < positions.length; token++) {
            for (int i = 0; i < half; i++) {
                angles[token * half + i] = positions[token] * inverseFrequencies[i];
            }
        }
        return RotaryTable.of(angles, positions.length, device);
    }
}
