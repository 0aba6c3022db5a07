package dev.purekv.model.qwen25vl;

import dev.purekv.ServingException;
import dev.purekv.attention.Attention;
import dev.purekv.attention.FusedAttention;
import dev.purekv.attention.SegmentAttention;
import dev.purekv.checkpoint.Checkpoint;
import dev.purekv.checkpoint.Weights;
import dev.purekv.model.decoder.Decoder;
import dev.purekv.model.decoder.DecoderModel;
import dev.purekv.model.input.PixelNormalisation;
import dev.purekv.tensor.ComputeDevice;
import dev.purekv.tensor.LibTorch;
import dev.purekv.tensor.Tiles;
import java.nio.file.Path;
import org.bytedeco.javacpp.PointerScope;

/**
 * Opens Qwen2.5-VL in float32. Reference: transformers 4.57.6, {@code modeling_qwen2_5_vl.py}; positions by the rule of the
 * first release ({@link RopePositions}).
 */
final class Qwen25Vl {
    private Qwen25Vl() {}

    /**
     * Opens a checkpoint directory in the Hugging Face layout: config.json, safetensors files, and preprocessor files
     * where it has them.
     *
     * @param limit longest sequence in tokens; 0 for the checkpoint's own
     * @throws ServingException NOT_FOUND, INVALID_REQUEST or UNSUPPORTED, naming file, key or tensor
     */
    static DecoderModel open(Path directory, ComputeDevice device, int limit) {
        return open(directory, device, new FusedAttention(), limit, 0);
    }

    /** @param tile rows that a layer, or a block of the tower, computes before it pauses; 0 for what suits its size */
    static DecoderModel open(Path directory, ComputeDevice device, Attention attention, int limit, int tile) {
        LibTorch.start();
        device.requirePresent();
        Qwen25VlConfig config = Qwen25VlConfig.read(directory.resolve("config.json"));
        PixelNormalisation images =
                PixelNormalisation.read(directory.resolve("preprocessor_config.json"), PixelNormalisation.CLIP);
        PixelNormalisation videos =
                PixelNormalisation.read(directory.resolve("video_preprocessor_config.json"), images);
        try (PointerScope scope = new PointerScope();
                Checkpoint checkpoint = Checkpoint.open(directory, device, WeightNames::canonical)) {
            Weights weights = checkpoint.weights();
            VisionTower vision = new VisionTower(
                    config.vision(),
                    weights.at("visual"),
                    new SegmentAttention(attention, tile == 0 ? Tiles.STANDARD : new Tiles(1, tile)),
                    new VisionTower.Pixels(images, videos),
                    device);
            Decoder decoder = new Decoder(
                    config.text(),
                    weights,
                    attention,
                    device,
                    tile == 0 ? config.text().tileTokens() : tile);
            checkpoint.requireAllTaken(WeightNames::isComputed);
            PointerScope kept = scope.extend();
            DecoderModel.Parts parts = new DecoderModel.Parts(
                    config, vision, new MultimodalRope(config, device), decoder, checkpoint.takenBytes());
            return new DecoderModel(parts, limit, kept::close);
        }
    }
}
