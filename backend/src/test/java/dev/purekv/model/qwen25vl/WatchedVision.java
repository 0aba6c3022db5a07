package dev.purekv.model.qwen25vl;

import dev.purekv.attention.FusedAttention;
import dev.purekv.checkpoint.Checkpoint;
import dev.purekv.model.GenerationDefaults;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.decoder.Decoder;
import dev.purekv.model.decoder.DecoderModel;
import dev.purekv.model.decoder.VisionEncoder;
import dev.purekv.tensor.ComputeDevice;
import dev.purekv.text.TokenDecoder;
import java.nio.file.Path;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;

/** The smallest golden checkpoint, whose tower computes a few rows at a time and can be watched from outside. */
public final class WatchedVision implements AutoCloseable {
    /** Called around the tower's work. */
    public interface Watch {
        void begins();

        /** Called before each tile, before the engine's own pause. */
        default void progress() {}

        /** Not called when the tower was stopped. */
        void ends();
    }

    private static final int TILE = 16;

    private final DecoderModel tower;
    private final PointerScope weights;
    private final DecoderModel model;

    private WatchedVision(DecoderModel tower, PointerScope weights, DecoderModel model) {
        this.tower = tower;
        this.weights = weights;
        this.model = model;
    }

    public static WatchedVision open(Watch watch) {
        Path directory = Goldens.directory().resolve("untied");
        ComputeDevice device = ComputeDevice.CPU;
        DecoderModel tower = Qwen25Vl.open(directory, device, new FusedAttention(), 0, TILE);
        Qwen25VlConfig config = Qwen25VlConfig.read(directory.resolve("config.json"));
        try (PointerScope scope = new PointerScope();
                Checkpoint checkpoint = Checkpoint.open(directory, device, WeightNames::canonical)) {
            Decoder decoder = new Decoder(config.text(), checkpoint.weights(), new FusedAttention(), device, TILE);
            VisionEncoder watched = (visual, tokens, progress) -> {
                watch.begins();
                tower.vision().encode(visual, tokens, () -> {
                    watch.progress();
                    progress.run();
                });
                watch.ends();
            };
            DecoderModel.Parts parts =
                    new DecoderModel.Parts(config, watched, new MultimodalRope(config, device), decoder, 0);
            return new WatchedVision(tower, scope.extend(), new DecoderModel(parts, 0, () -> {}));
        }
    }

    public LoadedModel loaded() {
        return new LoadedModel(model, null, skip -> new Numbers(), new GenerationDefaults(Set.of(), 2000, 0, 1, 0, 1));
    }

    /** A picture of as many patches a side, and little else. */
    public static ModelPrompt picture(int side) {
        return new RandomPrompt(side).text(2).visual(1, side, side).text(4).done();
    }

    public static ModelPrompt text(int tokens) {
        return new RandomPrompt(tokens).text(tokens).done();
    }

    private static final class Numbers implements TokenDecoder {
        @Override
        public String push(int token) {
            return token + " ";
        }

        @Override
        public String finish() {
            return "";
        }
    }

    @Override
    public void close() {
        weights.close();
        tower.close();
    }
}
