package dev.purekv.model.qwen25vl;

import dev.purekv.ServingException;
import dev.purekv.attention.Attention;
import dev.purekv.attention.FusedAttention;
import dev.purekv.attention.sparse.SparsePrefill;
import dev.purekv.attention.sparse.SparseReach;
import dev.purekv.checkpoint.Checkpoint;
import dev.purekv.checkpoint.Weights;
import dev.purekv.compression.Compression;
import dev.purekv.compression.CompressionPlan;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.Sequence;
import dev.purekv.model.VisionLanguageModel;
import dev.purekv.settings.KvSettings;
import dev.purekv.tensor.ComputeDevice;
import dev.purekv.tensor.LibTorch;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Qwen2.5-VL in float32. Reference: transformers 4.57.6, {@code modeling_qwen2_5_vl.py}; positions by the rule of the
 * first release ({@link RopePositions}).
 */
public final class Qwen25Vl implements VisionLanguageModel {
    private final Runnable free;
    private final Qwen25VlConfig config;
    private final VisionTower vision;
    private final Decoder decoder;
    private final long weightBytes;
    private final int maxTokens;

    private Qwen25Vl(
            Runnable free, Qwen25VlConfig config, VisionTower vision, Decoder decoder, long weightBytes, int limit) {
        this.free = free;
        this.config = config;
        this.vision = vision;
        this.decoder = decoder;
        this.weightBytes = weightBytes;
        this.maxTokens = limit == 0
                ? config.text().maxTokens()
                : Math.min(limit, config.text().maxTokens());
    }

    /**
     * Opens a checkpoint directory in the Hugging Face layout: config.json, safetensors files, and preprocessor files
     * where it has them.
     *
     * @param limit longest sequence in tokens; 0 for the checkpoint's own
     * @throws ServingException NOT_FOUND, INVALID_REQUEST or UNSUPPORTED, naming file, key or tensor
     */
    public static Qwen25Vl open(Path directory, ComputeDevice device, int limit) {
        return open(directory, device, new FusedAttention(), limit, 0);
    }

    /** @param tile tokens of a prompt that a layer computes before it pauses; 0 for what suits its size */
    static Qwen25Vl open(Path directory, ComputeDevice device, Attention attention, int limit, int tile) {
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
                    config.vision(), weights.at("visual"), attention, new VisionTower.Pixels(images, videos), device);
            Decoder decoder = new Decoder(
                    config.text(),
                    weights,
                    attention,
                    device,
                    tile == 0 ? config.text().tileTokens() : tile);
            checkpoint.requireAllTaken(WeightNames::isComputed);
            PointerScope kept = scope.extend();
            return new Qwen25Vl(kept::close, config, vision, decoder, checkpoint.takenBytes(), limit);
        }
    }

    /**
     * The same weights under another limit. They stay this model's: it must be closed last.
     *
     * @param limit as for {@link #open}
     */
    Qwen25Vl limitedTo(int limit) {
        return new Qwen25Vl(() -> {}, config, vision, decoder, weightBytes, limit);
    }

    @Override
    public int maxTokens() {
        return maxTokens;
    }

    @Override
    public int layers() {
        return config.text().layers();
    }

    @Override
    public int vocabulary() {
        return config.text().vocabulary();
    }

    /**
     * @throws ServingException INVALID_REQUEST when prompt and answer exceed {@link #maxTokens}, or the prompt does not
     *     match its images and videos
     */
    @Override
    public Sequence begin(ModelPrompt prompt, int maxNewTokens, KvSettings kv) {
        KvSettings resolved = kv.resolved(layers());
        PromptLayout layout = layout(prompt, maxNewTokens);
        int window = resolved.temporalWindow() == 0 ? SparseReach.ALL_SLICES : resolved.temporalWindow();
        SparseReach reach = new SparseReach(resolved.spatial(), resolved.temporal(), window);
        Optional<SparsePrefill> sparse = resolved.sparseAttentionLayer().isEmpty()
                ? Optional.empty()
                : Optional.of(new SparsePrefill(resolved.sparseAttentionLayer().getAsInt(), layout.pattern(reach)));
        return new Qwen25VlSequence(vision, decoder, layout, config, sparse, maxNewTokens, resolved);
    }

    /**
     * Starts an uncut sequence whose prompt is read with sparse attention from any layer on, also where settings demand a
     * source of importance below it: for comparing the attention alone.
     *
     * @param firstSparseLayer from 0; all layers from it on are sparse
     * @throws ServingException as {@link #begin(ModelPrompt, int)} does
     */
    public Sequence begin(ModelPrompt prompt, int maxNewTokens, int firstSparseLayer, SparseReach reach) {
        PromptLayout layout = layout(prompt, maxNewTokens);
        SparsePrefill sparse = new SparsePrefill(firstSparseLayer, layout.pattern(reach));
        KvSettings uncut = KvSettings.DEFAULT.resolved(layers());
        return new Qwen25VlSequence(vision, decoder, layout, config, Optional.of(sparse), maxNewTokens, uncut);
    }

    @Override
    public Tensor decode(List<Sequence> sequences, int[] tokens) {
        List<Qwen25VlSequence> own =
                sequences.stream().map(Qwen25VlSequence.class::cast).toList();
        return Qwen25VlSequence.decode(decoder, own, tokens);
    }

    private PromptLayout layout(ModelPrompt prompt, int maxNewTokens) {
        if (prompt.tokens() < 1 || maxNewTokens < 0 || prompt.tokens() > maxTokens() - maxNewTokens) {
            throw ServingException.invalid(
                    "starting a sequence: expected a prompt and room for its answer within %d tokens, got %d and %d",
                    maxTokens(), prompt.tokens(), maxNewTokens);
        }
        return PromptLayout.of(prompt, config);
    }

    @Override
    public long peakCacheBytes(ModelPrompt prompt, int maxNewTokens, KvSettings kv) {
        Compression compression = Compression.of(kv.resolved(layers()));
        CompressionPlan plan = compression.plan(
                layers(), prompt.tokens(), layout(prompt, maxNewTokens).visual());
        return compression.peakEntries(plan, maxNewTokens) * config.text().entryBytes();
    }

    VisionTower vision() {
        return vision;
    }

    @Override
    public long weightBytes() {
        return weightBytes;
    }

    @Override
    public void close() {
        free.run();
    }
}
