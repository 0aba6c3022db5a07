package dev.purekv.model.videollama2;

import dev.purekv.ServingException;
import dev.purekv.attention.Attention;
import dev.purekv.attention.FusedAttention;
import dev.purekv.attention.SegmentAttention;
import dev.purekv.checkpoint.Checkpoint;
import dev.purekv.checkpoint.Weights;
import dev.purekv.model.decoder.Decoder;
import dev.purekv.model.decoder.DecoderModel;
import dev.purekv.model.decoder.PlainRope;
import dev.purekv.model.input.PixelNormalisation;
import dev.purekv.model.videollama2.input.TowerPictures;
import dev.purekv.tensor.ComputeDevice;
import dev.purekv.tensor.LibTorch;
import dev.purekv.tensor.Tiles;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.PointerScope;

/** Opens VideoLLaMA2 in float32. */
final class VideoLlama2 {
    private static final String TOWER = "model.vision_tower.vision_tower.vision_model";

    private VideoLlama2() {}

    /**
     * Opens a checkpoint directory as published: config.json and safetensors files.
     *
     * @param tile rows that a layer, or one of the tower, computes before it pauses; 0 for what suits its size
     * @throws ServingException NOT_FOUND, INVALID_REQUEST or UNSUPPORTED, naming file, key or tensor
     */
    static DecoderModel open(Path directory, ComputeDevice device, Attention attention, int tile) {
        LibTorch.start();
        device.requirePresent();
        VideoLlama2Config config = VideoLlama2Config.read(directory);
        PixelNormalisation pixels = TowerPictures.read(directory).pixels();
        try (PointerScope scope = new PointerScope();
                Checkpoint checkpoint = Checkpoint.open(directory, device, name -> name)) {
            Weights weights = checkpoint.weights();
            Tiles tiles = tile == 0 ? Tiles.STANDARD : new Tiles(1, tile);
            FrameTower tower = new FrameTower(
                    config.tower(),
                    config.towerLayers(),
                    weights.at(TOWER),
                    new SegmentAttention(attention, tiles),
                    pixels,
                    device);
            StcConnector connector = new StcConnector(config, weights.at("model.mm_projector"), tiles, device);
            Decoder decoder = new Decoder(
                    config.text(),
                    weights,
                    attention,
                    device,
                    tile == 0 ? config.text().tileTokens() : tile);
            checkpoint.requireAllTaken(unused(config));
            PointerScope kept = scope.extend();
            return new DecoderModel(
                    new DecoderModel.Parts(
                            config,
                            new ClipReader(config, tower, connector, device),
                            new PlainRope(config.text(), device),
                            decoder,
                            checkpoint.takenBytes()),
                    0,
                    kept::close);
        }
    }

    static DecoderModel open(Path directory, ComputeDevice device) {
        return open(directory, device, new FusedAttention(), 0);
    }

    /** What published checkpoints hold and the reference never computes with: the tower's end, and tables of numbers. */
    private static Predicate<String> unused(VideoLlama2Config config) {
        Pattern end = Pattern.compile(Pattern.quote(TOWER)
                + "\\.(post_layernorm\\..*|head\\..*|embeddings\\.position_ids|encoder\\.layers\\.(\\d+)\\..*)");
        return name -> {
            var match = end.matcher(name);
            boolean tower = match.matches()
                    && (match.group(2) == null || Integer.parseInt(match.group(2)) >= config.towerLayers());
            return tower || name.endsWith("rotary_emb.inv_freq");
        };
    }
}
