package dev.purekv.model.videollama2;

import dev.purekv.ServingException;
import dev.purekv.model.GenerationDefaults;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.SharedCheckpoint;
import dev.purekv.model.decoder.DecoderModel;
import dev.purekv.model.input.GenerationConfigReader;
import dev.purekv.model.videollama2.input.CodeVersion;
import dev.purekv.model.videollama2.input.FamilySettings;
import dev.purekv.model.videollama2.input.TowerPictures;
import dev.purekv.model.videollama2.input.VideoLlama2Encoder;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.ComputeDevice;
import dev.purekv.text.ChatTemplate;
import dev.purekv.text.JsonFile;
import dev.purekv.text.Tokenizer;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** All that serving a VideoLLaMA2 checkpoint needs: weights, prompt encoder, token decoder, generation defaults. */
public final class VideoLlama2Checkpoint implements SharedCheckpoint {
    private static final double TOP_P = 0.9;
    private static final int TOP_K = 50;

    private final DecoderModel model;
    private final VideoLlama2Encoder.Parts inputs;
    private final GenerationDefaults file;
    private final Set<Integer> endTokens;

    private VideoLlama2Checkpoint(
            DecoderModel model, VideoLlama2Encoder.Parts inputs, GenerationDefaults file, Set<Integer> endTokens) {
        this.model = model;
        this.inputs = inputs;
        this.file = file;
        this.endTokens = endTokens;
    }

    /**
     * A {@link dev.purekv.model.CheckpointOpener}.
     *
     * @throws ServingException naming the file, key or tensor that is wrong
     */
    public static SharedCheckpoint open(Path directory, ComputeDevice device) {
        // The cheap parts first: a missing tokenizer must not cost the loading of the weights.
        VideoLlama2Config config = VideoLlama2Config.read(directory);
        GenerationDefaults file = GenerationConfigReader.read(directory);
        VideoLlama2Encoder.Parts inputs = inputs(directory, config);
        try {
            Set<Integer> ends = ends(directory, inputs.tokenizer(), file.endTokens());
            return new VideoLlama2Checkpoint(VideoLlama2.open(directory, device), inputs, file, ends);
        } catch (RuntimeException | Error e) {
            inputs.tokenizer().close();
            throw e;
        }
    }

    private static VideoLlama2Encoder.Parts inputs(Path directory, VideoLlama2Config config) {
        TowerPictures tower = TowerPictures.read(directory);
        if (tower.side() != config.tower().image()) {
            throw ServingException.invalid(
                    "opening %s: the image processor makes squares of %d pixels, the vision tower sees %d; their files do not "
                            + "belong together",
                    directory, tower.side(), config.tower().image());
        }
        JsonNode root = JsonFile.read(directory.resolve("config.json"));
        return new VideoLlama2Encoder.Parts(
                Tokenizer.open(directory),
                ChatTemplate.open(directory),
                tower,
                config,
                !VideoLlama2Config.isQwen(root),
                config.frames(),
                config.tower().side(),
                root.path("bos_token_id").asInt(1),
                config.text().maxTokens());
    }

    /** The original also stops at its tokenizer's end of text, whatever the model's files say. */
    private static Set<Integer> ends(Path directory, Tokenizer tokenizer, Set<Integer> stated) {
        Set<Integer> ends = new LinkedHashSet<>(stated);
        JsonFile.readIfPresent(directory.resolve("tokenizer_config.json"))
                .map(config -> config.path("eos_token"))
                .map(token -> token.path("content").asString(token.asString("")))
                .map(token -> tokenizer.controlTokens().get(token))
                .ifPresent(ends::add);
        return ends;
    }

    @Override
    public LoadedModel under(ModelSettings settings) {
        FamilySettings family = FamilySettings.read(settings);
        return new LoadedModel(
                model.limitedTo(settings.maxSequenceTokens()),
                new VideoLlama2Encoder(inputs, family, settings.media()),
                inputs.decoders(),
                defaults(family),
                () -> {});
    }

    /**
     * What the original's inference says, whatever the file does, and the file's for the rest. It hands embeddings to the decoder, so
     * that a repetition penalty never sees the prompt.
     */
    private GenerationDefaults defaults(FamilySettings family) {
        return new GenerationDefaults(
                endTokens,
                family.code() == CodeVersion.V1_5 ? 2048 : 1024,
                0,
                TOP_P,
                file.topK() == 0 ? TOP_K : file.topK(),
                file.repetitionPenalty(),
                false);
    }

    @Override
    public void close() {
        model.close();
        inputs.tokenizer().close();
    }
}
